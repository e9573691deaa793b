"""Programs that run while something is measured, with the time and the memory they take."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from .machine import fail
from .settings import ROOT

TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Tree:
    """A process with all that it started."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def pids(self) -> list[int]:
        children: dict[int, list[int]] = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended meanwhile
            children.setdefault(parent, []).append(int(path.parent.name))
        found = [self.pid]
        for pid in found:
            found += children.get(pid, [])
        return found

    def cpu_micros(self) -> float:
        """CPU time so far. What ended meanwhile has left its time with the first process."""
        ticks = 0
        for pid in self.pids():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            ticks += sum(map(int, fields[11:15] if pid == self.pid else fields[11:13]))
        return ticks * 1e6 / TICKS

    def memory_mib(self, which: str = "VmHWM") -> float:
        """The largest resident size of each process, added up; or with "VmRSS" the present one."""
        kib = 0
        for pid in self.pids():
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            kib += next((int(line.split()[1]) for line in lines if line.startswith(which)), 0)
        return kib / 1024


class Program(Tree):
    """A process of ours, with what it started; its messages are in `log`."""

    running: list["Program"] = []

    def __init__(self, name: str, command: list, env: dict, log: Path) -> None:
        self.name, self.log = name, log
        with open(log, "wb") as out:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                cwd=ROOT,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        super().__init__(self.process.pid)
        self.running.append(self)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def stopping_all():
    """Stops at the end whatever was started meanwhile, in the opposite order, and however it ends."""
    before = len(Program.running)
    try:
        yield
    finally:
        while len(Program.running) > before:
            Program.running.pop().stop()


class Server(Program):
    """A program that listens on `port`, which it does when this is made."""

    def __init__(self, name: str, command: list, env: dict, port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        begun = time.monotonic()
        super().__init__(name, command, env, log)
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() - begun > 300:
                fail(f"{name} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.005)
        self.seconds_to_ready = time.monotonic() - begun

    def _answers(self) -> bool:
        """Any answer counts: only Turnout has a probe, which waits for the map."""
        try:
            urllib.request.urlopen(f"{self.url}/readyz", timeout=5)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True
