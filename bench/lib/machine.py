"""What has to be installed, what has to be built, and what this machine is."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from .settings import BENCH, ROOT


def say(text: str) -> None:
    """Progress; results go to standard output."""
    print(text, file=sys.stderr, flush=True)


def fail(text: str) -> None:
    sys.exit(f"bench/run: {text}")


def check_programs(with_peers: bool) -> None:
    """Names all that is missing at once."""
    missing = [
        f"{program} (Debian package {package})"
        for program, package in [("cargo", "from rustup.rs"), ("wrk", "wrk"), ("psql", "postgresql-client")]
        if not shutil.which(program)
    ]
    if with_peers:
        if not shutil.which("npm") or int(_output("node", "--version").lstrip("v").split(".")[0]) < 20:
            missing.append("Node 20 or newer, with npm")
        debian = Path("/usr/share/postgresql")
        if debian.exists() and not list(debian.glob("*/extension/postgis.control")):
            missing.append("PostGIS (Debian package postgresql-15-postgis-3)")
    if missing:
        fail("please install:\n  " + "\n  ".join(missing))


def build() -> Path:
    """Builds what is measured and returns its folder. BENCH_BIN names one that was built elsewhere."""
    if folder := os.environ.get("BENCH_BIN"):
        say(f"measuring the programs of {folder}, not of these sources")
        return Path(folder).resolve()
    say("building")
    examples = [argument for name in ("bare", "tokens", "scale") for argument in ("--example", name)]
    command = ["cargo", "build", "--release", "--locked", "-q", "-p", "api", "--bin", "turnout", *examples]
    subprocess.run(command, cwd=ROOT, check=True)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def install_peers() -> None:
    """The versions that the files package.json of bench/peers name, unless they are there."""
    for folder in (BENCH / "peers", BENCH / "peers" / "postgraphile4"):
        stamp, wanted = folder / "node_modules" / ".installed", (folder / "package.json").read_text()
        if stamp.exists() and stamp.read_text() == wanted:
            continue
        say(f"installing what {folder.name} needs")
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)
        stamp.write_text(wanted)


def describe() -> str:
    """One line about this machine."""
    model = next((line.split(": ")[1] for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = [
        platform.freedesktop_os_release()["PRETTY_NAME"],
        _output("rustc", "--version").rsplit(" (", 1)[0],
        _output("psql", "--version").rsplit(" (", 1)[0].replace("psql (PostgreSQL)", "PostgreSQL"),
        "Node " + _output("node", "--version"),
    ]
    load = os.getloadavg()[0]
    cores = os.cpu_count()
    return f"{cores} cores ({model.strip()}), {memory:.0f} GiB; {', '.join(versions)}; load before it began {load:.2f}."


def _output(*command: str) -> str:
    if not shutil.which(command[0]):
        return "0"
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
