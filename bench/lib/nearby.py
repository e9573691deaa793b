"""Part `nearby`: a page of 20 events around a point, over HTTP, from every server in turn."""

import csv
import json
import random
import statistics
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from . import answers, ours, peers, settings, table, wrk
from .databases import Postgres, Services, Turnout
from .machine import say
from .process import Server

# As the documents and the handlers have it.
PAGE = 20


@dataclass
class Contestant:
    server: Server
    path: str
    # The document of a GraphQL server; none for the bare handler, which takes the point in its address.
    document: str | None
    edges: Callable[[dict], list[answers.Edge]]
    # Whether it asks PostgreSQL for each answer.
    asks_postgres: bool = False

    def requests(self, points: list) -> list[str]:
        """A line "METHOD PATH BODY" for each point."""
        if self.document is None:
            return [f"GET {self.path}?latitude={latitude}&longitude={longitude}" for latitude, longitude in points]
        text = (settings.BENCH / "documents" / self.document).read_text()
        query = " ".join(text.split())
        bodies = (
            {"query": query, "variables": {"latitude": latitude, "longitude": longitude}}
            for latitude, longitude in points
        )
        return [f"POST {self.path} {json.dumps(body, separators=(',', ':'))}" for body in bodies]


def points(database: Postgres) -> list[tuple[float, float]]:
    """Where events are, so that there are as many in a place as people live there; and postal codes, evenly over the
    country, where often nothing is near. Rounded, so that nobody asks from the spot of an event."""
    at_events = database.rows(
        "SELECT round(latitude::numeric, 2), round(longitude::numeric, 2) FROM event WHERE latitude IS NOT NULL"
        f" AND status = 'APPROVED' ORDER BY md5(title || latitude) LIMIT {settings.POINTS_AT_EVENTS}"
    )
    with open(settings.ROOT / "data" / "us-postal-codes.csv") as file:
        codes = list(csv.DictReader(file))
    step = len(codes) // settings.POINTS_ANYWHERE
    anywhere = [(code["latitude"], code["longitude"]) for code in codes[step // 2 :: step]]
    found = [(round(float(latitude), 2), round(float(longitude), 2)) for latitude, longitude in [*at_events, *anywhere]]
    random.Random(settings.SEED).shuffle(found)
    return found


def run(
    bin_: Path, folder: Path, services: Services, seeded: Postgres, embedded: Turnout, rounds: int, seconds: int
) -> None:
    database = services.database("nearby", template=Path(seeded.url).name)
    production = Turnout(bin_, folder, database, services.redis_url)
    places = points(database)
    say("making the peers' tables")
    database.run_file(settings.BENCH / "peers" / "nearby.sql")
    field = start(production, embedded, database, folder)
    sizes = check(field, places)
    report(measure(field, places, sizes, folder, services, rounds, seconds), places)


def start(production: Turnout, embedded: Turnout, database: Postgres, folder: Path) -> list[Contestant]:
    """All at once: those that are not asked do next to nothing. The first is what the others are compared with."""
    turnout = {"path": "/graphql", "document": "nearby.graphql", "edges": answers.of_turnout}
    peer = {**turnout, "asks_postgres": True}
    graphile = {**peer, "edges": answers.of_postgraphile}

    def node(name: str, program: str) -> Server:
        return peers.start(name, program, database, folder)

    say("starting the servers")
    return [
        Contestant(ours.start("Turnout, production", production, folder), **turnout),
        Contestant(ours.start("Turnout, embedded", embedded, folder), **turnout),
        Contestant(
            ours.start_bare("bare actix handler, same map", production, folder),
            **{**turnout, "path": "/nearby", "document": None},
        ),
        Contestant(node("Mercurius 16 (Fastify, jit), DataLoader", "mercurius.mjs"), **peer),
        Contestant(node("Apollo Server 5, DataLoader", "apollo.mjs"), **{**peer, "path": "/"}),
        Contestant(
            node("PostGraphile 4", "postgraphile4/server.mjs"), **{**graphile, "document": "postgraphile4.graphql"}
        ),
        Contestant(node("PostGraphile 5", "postgraphile5.mjs"), **{**graphile, "document": "postgraphile5.graphql"}),
    ]


def check(field: list[Contestant], places: list) -> dict[str, float]:
    """Fails unless all find the same events in the same order at every point. Returns the mean size of their answers."""
    say(f"comparing the answers of {len(field)} servers at {len(places)} points")
    sizes, expected = {}, None
    for contestant in field:
        found, bytes_ = [], []
        for line in contestant.requests(places):
            method, path, *body = line.split(" ", 2)
            headers = {"Content-Type": "application/json"}
            request = urllib.request.Request(
                contestant.server.url + path, "".join(body).encode() or None, headers, method=method
            )
            with urllib.request.urlopen(request) as response:
                text = response.read()
            bytes_.append(len(text))
            found.append(contestant.edges(json.loads(text)))
        expected = expected or found
        answers.compare(contestant.server.name, places, expected, found, PAGE)
        sizes[contestant.server.name] = statistics.mean(bytes_)
    pages = [len(edges) for edges in expected]
    say(f"all agree; {statistics.mean(pages):.1f} events in a page on average, {pages.count(0)} pages are empty")
    return sizes


def measure(field, places, sizes, folder, services, rounds, seconds) -> list[wrk.Row]:
    rows = [wrk.Row(contestant.server.name) for contestant in field]
    files = []
    for number, contestant in enumerate(field):
        file = folder / f"requests-{number}"
        file.write_text("\n".join(contestant.requests(places)) + "\n")
        files.append(file)
    contests = list(zip(field, rows, files))
    for round_ in range(-1, rounds):  # the first warms up and does not count
        for contestant, row, file in contests if round_ % 2 == 0 else contests[::-1]:
            result = wrk.measure(
                row,
                contestant.server,
                contestant.path,
                {"PostgreSQL": services.postgres} if contestant.asks_postgres else {},
                script="nearby.lua",
                connections=settings.NEARBY_CONNECTIONS,
                seconds=seconds,
                arguments=[file],
            )
            # An answer that is an error would be a fast one.
            if result["bytes"] / result["requests"] < 0.9 * sizes[row.name]:
                raise SystemExit(f"{row.name}: answers are smaller than those that were checked")
            say(f"  {row.name}: {result['rate']:.0f}/s" + (" (warm-up)" if round_ < 0 else ""))
        if round_ < 0:
            for row in rows:
                row.rounds.clear()
    return rows


def report(rows: list[wrk.Row], places: list) -> None:
    ours_ = rows[0].median("rate")
    table.show(
        f"Nearby: {settings.NEARBY_CONNECTIONS} connections, {len(places)} points",
        ["", "requests/s", "p50 ms", "p99 ms", "CPU µs", "of PostgreSQL", "peak MiB", "Turnout is"],
        [
            [
                row.name,
                f"{row.median('rate'):,.0f}",
                f"{row.median('p50'):.2f}",
                f"{row.median('p99'):.2f}",
                f"{row.median('server µs'):,.0f}",
                f"{row.median('PostgreSQL µs'):,.0f}" if "PostgreSQL µs" in row.rounds[0] else "–",
                f"{row.peak_mib:,.0f}",
                f"× {ours_ / row.median('rate'):.2f}",
            ]
            for row in rows
        ],
    )
