"""Counts what answers left behind, wherever that is."""

import time
from dataclasses import dataclass

from .databases import Postgres, Sqlite


@dataclass
class Counts:
    """Of all answers in a database."""

    rsvps: int
    taken: int
    jobs: int
    keys: int
    # Timeslots with more seats taken than there are, or other than their RSVPs hold.
    wrong: int


@dataclass
class Tables:
    """Where rows go, to count them."""

    database: Postgres | Sqlite
    schema: str = ""
    keys: str = "idempotency_key"

    def count(self) -> Counts:
        schema, answered = self.schema, "kind = 'send_rsvp_mail'"
        [row] = self.database.rows(
            f"""SELECT
                (SELECT count(*) FROM {schema}rsvp),
                (SELECT sum(taken) FROM {schema}timeslot),
                (SELECT count(*) FROM {schema}outbox WHERE {answered}),
                (SELECT count(*) FROM {schema}{self.keys}),
                (SELECT count(*)
                    FROM {schema}timeslot
                    LEFT JOIN (SELECT timeslot_id, sum(seats) AS seats FROM {schema}rsvp GROUP BY timeslot_id) AS held
                        ON held.timeslot_id = timeslot.id
                    WHERE taken <> coalesce(seats, 0) OR taken > capacity)"""
        )
        return Counts(*(int(value) for value in row))

    def count_settled(self) -> Counts:
        """When no request is under way any more: nothing has changed for a while."""
        counts = None
        while counts != (counts := self.count()):
            time.sleep(0.5)
        return counts
