// Two ways to answer for a timeslot, each with all that belongs to it: the caller's session is looked up, the RSVP, the
// mail's job and the idempotency key are written with the counter, and a repetition gets the first answer again.
//
// What is left out is to the peers' favour: the token is the session's id, with no signature to check; nobody looks for
// roles; the name is copied as it is, with nothing to open or seal; what is full has no waitlist.

const CALLER = `
  SELECT person.id, person.name
  FROM session JOIN person ON person.id = session.person_id
  WHERE session.id = $1 AND session.revoked_at IS NULL AND session.expires_at > now()`;

// The usual way: lock the timeslot's row, look, write, commit.
const KEY = `
  INSERT INTO peer.idempotency (person_id, key, status) VALUES ($1, $2, 'REGISTERED') ON CONFLICT DO NOTHING`;
const LOCK = `
  SELECT event_id, starts_at, cancelled_at, capacity, taken FROM peer.timeslot WHERE id = $1 FOR UPDATE`;
const RSVP = `
  INSERT INTO peer.rsvp (timeslot_id, event_id, person_id, status, party_size, seats, name)
  VALUES ($1, $2, $3, 'REGISTERED', 1, 1, $4) RETURNING id`;
const JOB = `
  INSERT INTO peer.outbox (kind, rsvp_id) VALUES ('send_rsvp_mail', $1)`;
const TAKE = `
  UPDATE peer.timeslot SET taken = taken + 1 WHERE id = $1`;

export async function answerInTransaction(_, { input }, { pool, token }) {
  const timeslot = input.timeslotId.replace(/^timeslot:/, '');
  const client = await pool.connect();
  const query = (name, text, values) => client.query({ name, text, values });
  try {
    const { rows: callers } = await query('caller', CALLER, [token]);
    if (callers.length === 0) {
      throw new Error('UNAUTHENTICATED');
    }
    const [caller] = callers;
    await client.query('BEGIN');
    try {
      const key = await query('key', KEY, [caller.id, input.idempotencyKey]);
      if (key.rowCount === 1) {
        const { rows: [slot] } = await query('lock', LOCK, [timeslot]);
        if (slot.cancelled_at !== null || slot.starts_at <= new Date() || slot.taken >= slot.capacity) {
          throw new Error('WRONG_STATE');
        }
        const { rows: [rsvp] } = await query('rsvp', RSVP, [timeslot, slot.event_id, caller.id, caller.name]);
        await query('job', JOB, [rsvp.id]);
        await query('take', TAKE, [timeslot]);
      }
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  } finally {
    client.release();
  }
  return { status: 'REGISTERED' };
}

// The fastest way that was found: everything in one statement, which is its own transaction.
const ALL = `
  WITH caller AS (${CALLER}),
  taken AS (
    UPDATE peer.timeslot SET taken = taken + 1 FROM caller
    WHERE timeslot.id = $2 AND timeslot.cancelled_at IS NULL AND timeslot.starts_at > now()
      AND timeslot.taken < timeslot.capacity
    RETURNING timeslot.event_id, caller.id AS person_id, caller.name
  ),
  answer AS (
    INSERT INTO peer.rsvp (timeslot_id, event_id, person_id, status, party_size, seats, name)
    SELECT $2, event_id, person_id, 'REGISTERED', 1, 1, name FROM taken
    RETURNING id, person_id
  ),
  job AS (
    INSERT INTO peer.outbox (kind, rsvp_id) SELECT 'send_rsvp_mail', id FROM answer
  )
  INSERT INTO peer.idempotency (person_id, key, status)
  SELECT person_id, $3, 'REGISTERED' FROM answer`;

export async function answerInOneStatement(_, { input }, { pool, token }) {
  const timeslot = input.timeslotId.replace(/^timeslot:/, '');
  try {
    const { rowCount } = await pool.query({ name: 'all', text: ALL, values: [token, timeslot, input.idempotencyKey] });
    if (rowCount === 0) {
      throw new Error('WRONG_STATE');
    }
  } catch (error) {
    // Answered before: nothing of the statement was kept.
    if (error.code !== '23505') {
      throw error;
    }
  }
  return { status: 'REGISTERED' };
}
