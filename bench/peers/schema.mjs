// The part of Turnout's schema that is measured, and resolvers for it as one would write them by hand with `pg` and
// DataLoader: one prepared statement for the page, one for the hosts of all its events.

import DataLoader from 'dataloader';
import { answerInTransaction, answerInOneStatement } from './rsvp.mjs';

export const typeDefs = `
  input PointInput { latitude: Float! longitude: Float! }
  input NearInput { point: PointInput! }
  input RsvpInput { timeslotId: ID! idempotencyKey: String }
  type Query {
    nearbyEvents(near: NearInput!, radius: Float! = 50000, first: Int! = 20): EventConnection!
  }
  type Mutation {
    rsvp(input: RsvpInput!): RsvpPayload!
  }
  type EventConnection { edges: [EventEdge!]! }
  type EventEdge { distanceMetres: Float timeslot: Timeslot! node: Event! }
  type Timeslot { startsAt: String! seatsLeft: Int }
  type Event { id: ID! title: String! hosts: [Host!]! place: Place }
  type Host { publicName: String! }
  type Place { venue: String locality: String latitude: Float longitude: Float }
  type RsvpPayload { status: String! }
`;

// Walks the partial index outward from the point and stops after a page. The radius and ties are looked at afterwards:
// inside, either would lead the planner to sort all that there is (PostgreSQL 15; the id in that ORDER BY: 50 times).
const NEAREST = `
  SELECT * FROM (
    SELECT id, title, venue, locality, latitude, longitude, starts_at, seats_left,
      position <-> ST_MakePoint($2, $1)::geography AS metres
    FROM peer.event
    WHERE starts_at >= now() AND starts_at < now() + interval '400 days'
    ORDER BY position <-> ST_MakePoint($2, $1)::geography
    LIMIT $4
  ) AS nearest
  WHERE metres <= $3
  ORDER BY metres, id`;

const HOSTS = `
  SELECT event_id, public_name FROM peer.host WHERE event_id = ANY($1::uuid[]) ORDER BY event_id, number`;

async function nearbyEvents(_, { near: { point }, radius, first }, { pool }) {
  const values = [point.latitude, point.longitude, radius, first];
  const { rows } = await pool.query({ name: 'nearest', text: NEAREST, values });
  return { edges: rows };
}

async function hostsOf(pool, ids) {
  const { rows } = await pool.query({ name: 'hosts', text: HOSTS, values: [ids] });
  const hosts = new Map(ids.map((id) => [id, []]));
  for (const row of rows) {
    hosts.get(row.event_id).push({ publicName: row.public_name });
  }
  return ids.map((id) => hosts.get(id));
}

export const resolvers = {
  Query: { nearbyEvents },
  Mutation: {
    rsvp: process.env.RSVP === 'one-statement' ? answerInOneStatement : answerInTransaction,
  },
  // A row of the statement above is an edge, its timeslot, its event and its place.
  EventEdge: { distanceMetres: (row) => row.metres, timeslot: (row) => row, node: (row) => row },
  Timeslot: { startsAt: (row) => row.starts_at.toISOString(), seatsLeft: (row) => row.seats_left },
  Event: {
    id: (row) => `event:${row.id}`,
    hosts: (row, _, { hosts }) => hosts.load(row.id),
    place: (row) => row,
  },
};

// What resolvers are handed, anew for each request. `token` is whatever followed "Bearer".
export function context(pool, authorization) {
  return {
    pool,
    token: authorization?.replace(/^Bearer /, ''),
    hosts: new DataLoader((ids) => hostsOf(pool, ids)),
  };
}
