// What all peers share: so many processes (PROCESSES) that listen on one PORT of the loopback address, and a pool of
// connections to DATABASE_URL in each.

import cluster from 'node:cluster';
import pg from 'pg';

export const port = Number(process.env.PORT);
export const connections = Number(process.env.CONNECTIONS);
export const databaseUrl = process.env.DATABASE_URL;

export function pool() {
  return new pg.Pool({ connectionString: databaseUrl, min: connections, max: connections, idleTimeoutMillis: 0 });
}

// Runs `serve` in each process; the first process only hands out connections.
export async function run(serve) {
  if (!cluster.isPrimary) {
    await serve();
    return;
  }
  cluster.on('exit', (worker, code) => {
    console.error(`process ${worker.process.pid} ended with ${code}`);
    process.exit(1);
  });
  for (let number = 0; number < Number(process.env.PROCESSES); number++) {
    cluster.fork();
  }
}
