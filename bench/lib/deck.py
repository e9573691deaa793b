"""People who are signed in, and timeslots they have not answered for."""

from dataclasses import dataclass
from pathlib import Path

from . import settings
from .databases import Turnout
from .machine import say


@dataclass
class Deck:
    """What the answers of one database are made of, in files for lua/rsvp.lua."""

    # By kind of run: timeslots that nobody has answered for.
    timeslots: dict[str, Path]
    tokens: Path
    # What peers take as tokens.
    sessions: Path

    @classmethod
    def deal(cls, turnout: Turnout, folder: Path) -> "Deck":
        people, hot, spread = settings.SIGNED_IN, settings.HOT_TIMESLOTS, settings.TIMESLOTS
        say(f"signing in {people:,} people and making {spread:,} timeslots")
        made = turnout.run(str(people), str(hot + spread), program="examples/tokens")
        lines = [line.split() for line in made.splitlines()]
        timeslots = [words[1] for words in lines if words[0] == "timeslot"]
        signed_in = [words[1:] for words in lines if words[0] == "person"]

        def write(name: str, lines: list[str]) -> Path:
            path = folder / f"{Path(turnout.database.url).name}-{name}"
            path.write_text("\n".join(lines) + "\n")
            return path

        return cls(
            timeslots={"hot": write("hot", timeslots[:hot]), "spread": write("spread", timeslots[hot:])},
            tokens=write("tokens", [token for _, token in signed_in]),
            sessions=write("sessions", [session for session, _ in signed_in]),
        )
