// PostGraphile 5: the schema `peer` as it is, no resolvers.

import { createServer } from 'node:http';
import { connections, databaseUrl, port, run } from './processes.mjs';

// Asked for by a dependency; Node has it from version 22 on.
Promise.withResolvers ??= function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

await run(async () => {
  const { postgraphile } = await import('postgraphile');
  const { makePgService } = await import('postgraphile/adaptors/pg');
  const { grafserv } = await import('postgraphile/grafserv/node');
  const { PostGraphileAmberPreset } = await import('postgraphile/presets/amber');
  const service = postgraphile({
    extends: [PostGraphileAmberPreset],
    pgServices: [
      makePgService({ connectionString: databaseUrl, schemas: ['peer'], poolConfig: { max: connections } }),
    ],
    grafserv: { graphiql: false, watch: false },
    grafast: { explain: false },
  }).createServ(grafserv);
  const server = createServer();
  await service.addTo(server);
  server.listen(port, '127.0.0.1');
});
