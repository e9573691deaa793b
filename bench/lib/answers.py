"""Answers of different servers to the same question, in one shape, and whether they are the same."""

from dataclasses import dataclass
from datetime import datetime

from .machine import fail

# Two ways of computing a distance on the same sphere differ by this much at most.
METRES = 0.01
DEGREES = 1e-9


@dataclass
class Edge:
    metres: float
    id: str
    starts_at: datetime
    title: str
    seats_left: int | None
    hosts: list[str]
    venue: str | None
    locality: str | None
    latitude: float
    longitude: float

    def is_like(self, other: "Edge") -> bool:
        near = abs(self.metres - other.metres) <= METRES
        near &= abs(self.latitude - other.latitude) <= DEGREES
        near &= abs(self.longitude - other.longitude) <= DEGREES
        names = ["id", "starts_at", "title", "seats_left", "hosts", "venue", "locality"]
        return near and all(getattr(self, name) == getattr(other, name) for name in names)


def _data(answer: dict) -> dict:
    if "errors" in answer:
        fail(f"instead of events: {answer['errors']}")
    return answer["data"]["nearbyEvents"]


def of_turnout(answer: dict) -> list[Edge]:
    """Also of peers that have its schema."""
    return [
        Edge(
            metres=edge["distanceMetres"],
            id=edge["node"]["id"].removeprefix("event:"),
            starts_at=datetime.fromisoformat(edge["timeslot"]["startsAt"].replace("Z", "+00:00")),
            title=edge["node"]["title"],
            seats_left=edge["timeslot"]["seatsLeft"],
            hosts=[host["publicName"] for host in edge["node"]["hosts"]],
            **edge["node"]["place"],
        )
        for edge in _data(answer)["edges"]
    ]


def of_postgraphile(answer: dict) -> list[Edge]:
    return [
        Edge(
            metres=node["distanceMetres"],
            id=node["id"],
            starts_at=datetime.fromisoformat(node["startsAt"].replace("Z", "+00:00")),
            title=node["title"],
            seats_left=node["seatsLeft"],
            hosts=[host["publicName"] for host in node["hosts"]["nodes"]],
            **{name: node[name] for name in ("venue", "locality", "latitude", "longitude")},
        )
        for node in _data(answer)["nodes"]
    ]


def compare(name: str, places: list, expected: list[list[Edge]], found: list[list[Edge]], page: int) -> None:
    """Fails with the first difference. Where a full page ends among events at the same distance, any of them may be on
    it: the statement of the peers is not made slower for that."""
    for place, ours, theirs in zip(places, expected, found, strict=True):
        if len(ours) != len(theirs):
            fail(f"{name} finds {len(theirs)} events at {place}, and {len(ours)} there are")
        for our, their in zip(ours, theirs):
            is_cut = len(ours) == page and ours[-1].metres - our.metres <= METRES
            if not (our.is_like(their) or is_cut and abs(our.metres - their.metres) <= METRES):
                fail(f"{name} answers otherwise at {place}:\n  {their}\ninstead of\n  {our}")
