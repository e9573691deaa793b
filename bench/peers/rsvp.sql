-- What a peer writes when somebody answers: an RSVP, the job of its mail, a key that makes a repetition harmless, and
-- the timeslot's counter. The timeslots are those of this database; sessions and people are read where they are.

DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;

CREATE TABLE peer.timeslot WITH (fillfactor = 50) AS
SELECT id, event_id, starts_at, cancelled_at, capacity, 0 AS taken
FROM timeslot;
ALTER TABLE peer.timeslot ADD PRIMARY KEY (id);
ALTER TABLE peer.timeslot ADD CHECK (taken <= capacity);

CREATE TABLE peer.rsvp (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    timeslot_id uuid NOT NULL REFERENCES peer.timeslot (id),
    event_id uuid NOT NULL REFERENCES event (id),
    person_id uuid NOT NULL REFERENCES person (id),
    status text NOT NULL,
    party_size int NOT NULL,
    seats int NOT NULL,
    name bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (timeslot_id, person_id)
);
CREATE INDEX ON peer.rsvp (person_id);
CREATE INDEX ON peer.rsvp (event_id, status);

CREATE TABLE peer.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    rsvp_id bigint NOT NULL,
    due_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz
);
CREATE INDEX ON peer.outbox (due_at) WHERE done_at IS NULL;

CREATE TABLE peer.idempotency (
    person_id uuid NOT NULL,
    key text NOT NULL,
    status text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person_id, key)
);

VACUUM ANALYZE peer.timeslot;
