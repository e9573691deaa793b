// PostGraphile 4: the schema `peer` as it is, no resolvers.

import { createServer } from 'node:http';
import postgraphile from 'postgraphile';
import { pool as open, port, run } from '../processes.mjs';

await run(async () => {
  const handler = postgraphile.postgraphile(open(), 'peer', {
    disableQueryLog: true,
    dynamicJson: true,
    graphiql: false,
  });
  createServer(handler).listen(port, '127.0.0.1');
});
