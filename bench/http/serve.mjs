// What the servers have in common that the benchmarks start; see express.ts.
import { once } from 'node:events';
import { createServer } from 'node:http';
import process from 'node:process';

/** Serves on any port, says where to whoever started the process, and ends when that says anything. */
export const serveUntilTold = async (app) => {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send({ url: `http://127.0.0.1:${server.address().port}` });
  await once(process, 'message');
  server.close();
  server.closeAllConnections();
};
