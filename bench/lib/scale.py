"""Part `scale`: how a search grows with the number of events, and how long the largest database takes to start."""

from pathlib import Path

from . import ours, settings, table
from .databases import Sqlite, Turnout
from .machine import say


def run(bin_: Path, folder: Path) -> None:
    measured, listed = {}, []
    for events in settings.SCALES:
        turnout = Turnout(bin_, folder, Sqlite(folder / f"scale-{events}.db"))
        turnout.seed(people=1000, events=events, rsvps=1000)
        say(f"searching among {events:,} events")
        first, *lines = turnout.run(program="examples/scale").splitlines()
        listed.append(int(first))
        for line in lines:
            order, places, micros, hits = line.split()
            measured.setdefault(f"{order}, {places}", []).append((float(micros), float(hits)))
    rows = []
    for name, results in measured.items():
        growth = results[-1][0] / results[0][0]
        rows.append([name, *(f"{micros:.2f} ({hits:.0f})" for micros, hits in results), f"× {growth:.2f}"])
    table.show(
        "Searches: µs of one on one thread, and hits of a page",
        ["events (on the map)", *(f"{n:,} ({m:,})" for n, m in zip(settings.SCALES, listed)), "growth"],
        rows,
    )
    start(turnout, folder)


def start(turnout: Turnout, folder: Path) -> None:
    say("starting with all of them")
    server = ours.start("Turnout", turnout, folder)
    print(
        f"\nWith {settings.SCALES[-1]:,} events, embedded: ready after {server.seconds_to_ready:.1f} s,"
        f" {server.memory_mib('VmRSS'):,.0f} MiB resident, {server.memory_mib():,.0f} MiB at most.",
        flush=True,
    )
