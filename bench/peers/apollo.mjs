// Apollo Server 5, standalone, as its documentation sets it up for production.

import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { pool as open, port, run } from './processes.mjs';
import { context, resolvers, typeDefs } from './schema.mjs';

await run(async () => {
  const pool = open();
  const server = new ApolloServer({ typeDefs, resolvers, introspection: false });
  await startStandaloneServer(server, {
    listen: { port, host: '127.0.0.1' },
    context: async ({ req }) => context(pool, req.headers.authorization),
  });
});
