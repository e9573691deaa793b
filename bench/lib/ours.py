"""Turnout itself, and the bare handler that answers from the same map."""

from pathlib import Path

from .databases import Turnout
from .process import Program, Server, free_port


def start(name: str, turnout: Turnout, folder: Path) -> Server:
    """`turnout serve` without a worker, so that nothing but answering is measured."""
    port = free_port()
    command = [turnout.bin / "turnout", "serve", "--no-worker", "--listen", f"127.0.0.1:{port}"]
    return Server(name, command, turnout.env, port, folder / f"serve-{port}.log")


def start_worker(turnout: Turnout, folder: Path) -> Program:
    return Program("worker", [turnout.bin / "turnout", "work"], turnout.env, folder / "work.log")


def start_bare(name: str, turnout: Turnout, folder: Path) -> Server:
    port = free_port()
    command = [turnout.bin / "examples" / "bare", f"127.0.0.1:{port}"]
    return Server(name, command, turnout.env, port, folder / f"bare-{port}.log")
