"""The peers: other GraphQL servers over rows made of ours."""

from pathlib import Path

from . import settings
from .databases import Postgres
from .process import Server, free_port


def start(name: str, program: str, database: Postgres, folder: Path, **env: str) -> Server:
    """`program` is a file of bench/peers."""
    port = free_port()
    env = {
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
        "PORT": str(port),
        "PROCESSES": str(settings.PEER_PROCESSES),
        "CONNECTIONS": str(settings.PEER_CONNECTIONS),
        "DATABASE_URL": database.url,
        **env,
    }
    log = folder / f"peer-{port}.log"
    return Server(name, ["node", settings.BENCH / "peers" / program], env, port, log)
