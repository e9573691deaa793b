"""How large everything is. Each can be set in the environment, for a quick look; claims are made with these."""

import os
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"


def number(name: str, default: int) -> int:
    return int(os.environ.get(f"BENCH_{name}", default))


# Of the database that servers are measured on. Two in five of the events are to come.
EVENTS = number("EVENTS", 50_000)
PEOPLE = number("PEOPLE", 100_000)
RSVPS = number("RSVPS", 200_000)
# People who are signed in to answer, and timeslots they answer for in turn. The first must be a multiple of the second,
# or somebody would answer for a timeslot again: see lua/rsvp.lua.
SIGNED_IN = number("SIGNED_IN", 50_000)
TIMESLOTS = number("TIMESLOTS", 10_000)
# Timeslots that all answer for at once: when everybody has, the next takes its place.
HOT_TIMESLOTS = 200
# Events of the databases that searches are measured on.
SCALES = [int(size) for size in os.environ.get("BENCH_SCALES", "5000,50000,500000").split(",")]
# Any number. The same number and time make the same rows in each database.
SEED = 1
MIDNIGHT = datetime.now(timezone.utc).strftime("%Y-%m-%dT00:00:00Z")

# Places that are asked for: where events are, and all over the country.
POINTS_AT_EVENTS = 160
POINTS_ANYWHERE = 80

NEARBY_CONNECTIONS = 16
RSVP_CONNECTIONS = 64
# Of peers: one for each of two cores, with half of the database connections that Turnout has.
PEER_PROCESSES = 2
PEER_CONNECTIONS = 8
