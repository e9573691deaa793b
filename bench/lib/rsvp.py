"""Part `rsvp`: signed-in people answer for one timeslot (hot) and for many in turn (spread). Everything that belongs to
an answer is written; the mails themselves are left to a worker, which runs in a row of its own only."""

import json
from dataclasses import dataclass
from pathlib import Path

from . import ours, peers, settings, table, wrk
from .databases import Postgres, Services, Turnout
from .deck import Deck
from .machine import fail, say
from .process import Server, Tree, stopping_all
from .tally import Tables


@dataclass
class Contestant:
    server: Server
    path: str
    tables: Tables
    timeslots: dict[str, Path]
    tokens: Path
    # What works for it.
    beside: dict[str, Tree]
    # The number of the next answer, so that nobody answers twice for a timeslot. Those who write into the same tables
    # begin far from each other.
    next: int = 0


# So many answers lie between those who write into the same tables.
APART = settings.SIGNED_IN * settings.HOT_TIMESLOTS // 2


def run(
    bin_: Path, folder: Path, services: Services, seeded: Postgres, embedded: Turnout, rounds: int, seconds: int
) -> None:
    database = services.database("rsvp", template=Path(seeded.url).name)
    production = Turnout(bin_, folder, database, services.redis_url)
    embedded = Turnout(bin_, folder, embedded.database.copy(folder / "rsvp.db"))
    decks = {turnout: Deck.deal(turnout, folder) for turnout in (production, embedded)}
    database.run_file(settings.BENCH / "peers" / "rsvp.sql")
    body = folder / "rsvp-body"
    body.write_text(request())

    with stopping_all():
        field = start(production, embedded, decks, services, folder)
        rows = {kind: measure(field, kind, body, rounds, seconds) for kind in ("hot", "spread")}
    worked = with_worker(production, decks[production], services, folder, body, seconds)
    report(rows, worked)


def request() -> str:
    """As lua/rsvp.lua takes it. Keys have at least eight characters."""
    query = " ".join((settings.BENCH / "documents" / "rsvp.graphql").read_text().split())
    variables = {"input": {"timeslotId": "timeslot:TIMESLOT", "idempotencyKey": "answer-KEY"}}
    return json.dumps({"query": query, "variables": variables}, separators=(",", ":"))


def start(production, embedded, decks, services, folder) -> list[Contestant]:
    def turnout(name: str, which: Turnout, beside: dict) -> Contestant:
        deck = decks[which]
        server = ours.start(name, which, folder)
        return Contestant(server, "/graphql", Tables(which.database), deck.timeslots, deck.tokens, beside)

    def apollo(name: str, how: str, first: int) -> Contestant:
        deck, tables = decks[production], Tables(production.database, "peer.", "idempotency")
        server = peers.start(name, "apollo.mjs", production.database, folder, RSVP=how)
        return Contestant(server, "/", tables, deck.timeslots, deck.sessions, beside, first)

    say("starting the servers")
    beside = {"PostgreSQL": services.postgres}
    return [
        turnout("Turnout, production", production, beside),
        turnout("Turnout, embedded", embedded, {}),
        apollo("Apollo Server 5, one statement", "one-statement", 0),
        apollo("Apollo Server 5, SELECT … FOR UPDATE", "transaction", APART),
    ]


def measure(field: list[Contestant], kind: str, body: Path, rounds: int, seconds: int) -> list[wrk.Row]:
    rows = [wrk.Row(contestant.server.name) for contestant in field]
    contests = list(zip(field, rows))
    for round_ in range(-1, rounds):  # the first warms up and does not count
        for contestant, row in contests if round_ % 2 == 0 else contests[::-1]:
            result = answer(contestant, row, kind, body, seconds)
            say(f"  {kind}, {row.name}: {result['rate']:.0f}/s" + (" (warm-up)" if round_ < 0 else ""))
        if round_ < 0:
            for row in rows:
                row.rounds.clear()
    return rows


def answer(contestant: Contestant, row: wrk.Row, kind: str, body: Path, seconds: int) -> dict:
    """One round, and whether the rows say the same as the answers."""
    before = contestant.tables.count()
    result = wrk.measure(
        row,
        contestant.server,
        contestant.path,
        contestant.beside,
        script="rsvp.lua",
        connections=settings.RSVP_CONNECTIONS,
        seconds=seconds,
        arguments=[body, contestant.tokens, contestant.timeslots[kind], kind, contestant.next],
    )
    contestant.next = result["next"]
    if result["registered"] != result["requests"]:
        fail(f"{row.name}: {result['requests'] - result['registered']} of {result['requests']} answers were a no")
    after = contestant.tables.count_settled()
    new = {name: getattr(after, name) - getattr(before, name) for name in ("rsvps", "taken", "jobs", "keys")}
    # Those under way when wrk went may have been written or not, but wholly.
    if after.wrong or len(set(new.values())) > 1 or not result["registered"] <= new["rsvps"] <= result["sent"]:
        fail(f"{row.name}: {result['registered']} answers, {result['sent']} requests, but {new}, {after.wrong} wrong")
    return result


def with_worker(production, deck, services, folder, body, seconds) -> wrk.Row:
    """The same once more while a worker sends the mails, into files."""
    server = ours.start("Turnout, production, and its worker", production, folder)
    beside = {"PostgreSQL": services.postgres, "worker": ours.start_worker(production, folder)}
    tables = Tables(production.database)
    contestant = Contestant(server, "/graphql", tables, deck.timeslots, deck.tokens, beside, APART)
    row = wrk.Row(server.name)
    for _ in ("warm-up", "counts"):
        row.rounds.clear()
        answer(contestant, row, "spread", body, seconds)
    return row


def report(rows: dict[str, list[wrk.Row]], worked: wrk.Row) -> None:
    words = {"hot": "all for one timeslot", "spread": f"for {settings.TIMESLOTS:,} timeslots in turn"}
    for kind, measured in rows.items():
        ours_ = measured[0].median("rate")
        extra = [worked] if kind == "spread" else []
        table.show(
            f"RSVPs, {kind}: {settings.RSVP_CONNECTIONS} connections, {words[kind]}",
            ["", "RSVPs/s", "p50 ms", "p99 ms", "CPU µs", "of PostgreSQL", "peak MiB", "Turnout is"],
            [
                [
                    row.name,
                    f"{row.median('rate'):,.0f}",
                    f"{row.median('p50'):.1f}",
                    f"{row.median('p99'):.1f}",
                    f"{row.median('server µs'):,.0f}",
                    f"{row.median('PostgreSQL µs'):,.0f}" if "PostgreSQL µs" in row.rounds[0] else "–",
                    f"{row.peak_mib:,.0f}",
                    f"× {ours_ / row.median('rate'):.2f}",
                ]
                for row in [*measured, *extra]
            ],
        )
    print("\nAfter each round: an RSVP, a job and a key for each answer, none lost, no timeslot above its capacity.")
