// Mercurius 16 on Fastify, with its compiler of documents on.

import Fastify from 'fastify';
import mercurius from 'mercurius';
import { pool as open, port, run } from './processes.mjs';
import { context, resolvers, typeDefs } from './schema.mjs';

await run(async () => {
  const pool = open();
  const site = Fastify();
  await site.register(mercurius, {
    schema: typeDefs,
    resolvers,
    context: (request) => context(pool, request.headers.authorization),
    jit: 1,
  });
  await site.listen({ port, host: '127.0.0.1' });
});
