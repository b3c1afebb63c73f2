// Express as it comes, sending one body at one path; JavaScript, so that Node runs it without a loader.
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer } from 'node:http';
import process from 'node:process';
import express from 'express';

const [path = '/', body = ''] = process.argv.slice(2);
const bytes = Buffer.from(body);
const app = express();
app.get(path, (_, response) => {
  response.type('json').send(bytes);
});
const server = createServer(app).listen(0, '127.0.0.1');
await once(server, 'listening');
process.send({ url: `http://127.0.0.1:${server.address().port}` });
await once(process, 'message');
server.close();
server.closeAllConnections();
process.disconnect();
