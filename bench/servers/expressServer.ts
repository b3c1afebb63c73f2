import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';

/** Express as it comes, sending one body at one path. */
const [path = '/', body = ''] = process.argv.slice(2);
const bytes = Buffer.from(body);
const app = express();
app.get(path, (_, response) => {
  response.type('json').send(bytes);
});
const server = createServer(app).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.send?.({ url: `http://127.0.0.1:${port}${path}` });
await once(process, 'message');
server.close();
server.closeAllConnections();
process.disconnect();
