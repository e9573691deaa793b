"""PostgreSQL and Redis of a run, the databases in them, and files of SQLite: all in one folder that is removed."""

import base64
import os
import re
import sqlite3
import subprocess
import time
from pathlib import Path

from . import settings
from .machine import fail, say
from .process import Program, Tree
from .settings import ROOT


class Services:
    """A PostgreSQL and a Redis of our own: those that `./test --servers` starts. They run until `stopping_all` ends."""

    # What can be changed while it runs and what a dedicated machine would have. fsync stays on.
    POSTGRES = {"jit": "off", "random_page_cost": "1.1", "max_wal_size": "4GB", "checkpoint_timeout": "15min"}

    def __init__(self, folder: Path) -> None:
        program = Program("services", [ROOT / "test", "--servers"], {}, folder / "services.log")
        found = {}
        while len(found) < 2:
            time.sleep(0.1)
            found = dict(re.findall(r"export TEST_(DATABASE|REDIS)_URL=(\S+)", program.log.read_text()))
            if program.process.poll() is not None:
                fail(f"PostgreSQL and Redis did not start:\n{program.log.read_text()[-2000:]}")
        self.redis_url = found["REDIS"]
        self.admin = Postgres(found["DATABASE"])
        for name, value in self.POSTGRES.items():
            self.admin.run(f"ALTER SYSTEM SET {name} = '{value}'")
        self.admin.run("SELECT pg_reload_conf()")
        data = self.admin.rows("SHOW data_directory")[0][0]
        self.postgres = Tree(int((Path(data) / "postmaster.pid").read_text().split()[0]))

    def database(self, name: str, template: str | None = None) -> "Postgres":
        self.admin.run(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return Postgres(self.admin.url.rsplit("/", 1)[0] + f"/{name}")


class Postgres:
    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, sql: str) -> None:
        self._psql("-c", sql)

    def run_file(self, path: Path) -> None:
        self._psql("-f", str(path))

    def rows(self, sql: str) -> list[list[str]]:
        return [line.split("\t") for line in self._psql("-c", sql).splitlines()]

    def _psql(self, *arguments: str) -> str:
        command = ["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", self.url, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            fail(f"psql: {done.stderr.strip()}")
        return done.stdout


class Sqlite:
    def __init__(self, path: Path) -> None:
        self.path, self.url = path, f"sqlite://{path}"

    def copy(self, path: Path) -> "Sqlite":
        with sqlite3.connect(self.path) as connection:
            connection.execute("VACUUM INTO ?", [str(path)])
        return Sqlite(path)

    def rows(self, sql: str) -> list[tuple]:
        with sqlite3.connect(f"file:{self.path}?mode=ro", uri=True) as connection:
            return connection.execute(sql).fetchall()


def _key() -> str:
    return "bench:" + base64.b64encode(os.urandom(32)).decode()


class Turnout:
    """The program, with the settings that go with one database."""

    KEYS = {"TURNOUT_KEY": _key(), "TURNOUT_INDEX_KEY": _key()}
    RATES = [
        "REQUESTS_PER_CLIENT_AND_MINUTE",
        "REQUESTS_PER_PERSON_AND_MINUTE",
        "MUTATIONS_PER_CLIENT_AND_MINUTE",
        "MUTATIONS_PER_PERSON_AND_MINUTE",
    ]

    def __init__(self, bin_: Path, folder: Path, database: Postgres | Sqlite, redis_url: str = "") -> None:
        self.bin, self.database = bin_, database
        self.env = {
            **self.KEYS,
            "DATABASE_URL": database.url,
            "REDIS_URL": redis_url,
            "TURNOUT_REDIS_PREFIX": Path(database.url).name,
            "TURNOUT_PUBLIC_URL": "http://bench.example",
            "TURNOUT_DATA_DIR": str(folder),
            "TURNOUT_LOG_LEVEL": "error",
            # Sessions outlast the run.
            "TURNOUT_AUTH_ACCESS_MINUTES": "100000",
            # One address asks for everybody. Rates are raised and not turned off: each request is still counted.
            **{f"TURNOUT_RATES_{name}": "1000000000" for name in self.RATES},
        }

    def run(self, *command: str, program: str = "turnout") -> str:
        arguments = [str(self.bin / program), *command]
        done = subprocess.run(
            arguments, cwd=ROOT, env={**os.environ, **self.env}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            fail(f"{program} {' '.join(command)}: {done.stderr[-2000:]}")
        return done.stdout

    def seed(self, people: int, events: int, rsvps: int) -> None:
        """An empty database gets its schema and invented data."""
        say(f"seeding {events:,} events, {people:,} people, {rsvps:,} RSVPs into {self.database.url.split(':')[0]}")
        self.run("migrate", "up")
        flags = {"people": people, "events": events, "rsvps": rsvps, "seed": settings.SEED, "at": settings.MIDNIGHT}
        self.run("seed", *(part for name, value in flags.items() for part in (f"--{name}", str(value))))
        if isinstance(self.database, Postgres):
            self.database.run("VACUUM ANALYZE")
