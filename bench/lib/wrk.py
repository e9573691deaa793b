"""Runs wrk beside a server and says what it measured."""

import json
import statistics
import subprocess
from dataclasses import dataclass, field

from .machine import fail
from .process import Server, Tree
from .settings import BENCH, ROOT


@dataclass
class Row:
    """The rounds of one server."""

    name: str
    rounds: list[dict] = field(default_factory=list)
    peak_mib: float = 0

    def median(self, key: str) -> float:
        return statistics.median(round_[key] for round_ in self.rounds)


def run(script: str, url: str, connections: int, seconds: int, arguments: list) -> dict:
    """What bench/lua/report.lua printed."""
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "-s", BENCH / "lua" / script, url, "--", *arguments]
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        fail(f"wrk: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    if done.stderr.strip():
        fail(f"{url} answered: {done.stderr.strip()[:1000]}")
    return json.loads(lines[-1])


def measure(row: Row, server: Server, path: str, beside: dict[str, Tree], **wrk) -> dict:
    """One round: what wrk says, and the CPU time of the server and of what works for it, in µs a request."""
    trees = {"server": server, **beside}
    before = {name: tree.cpu_micros() for name, tree in trees.items()}
    result = run(url=server.url + path, **wrk)
    for name, tree in trees.items():
        result[f"{name} µs"] = (tree.cpu_micros() - before[name]) / max(result["requests"], 1)
    result["rate"] = result["requests"] / result["seconds"]
    if result["errors"]:
        fail(f"{row.name}: {result['errors']} errors of {result['requests']} requests")
    row.rounds.append(result)
    row.peak_mib = max(row.peak_mib, server.memory_mib())
    return result
