// Express as it comes, sending one body at one path; JavaScript, so that Node runs it without a loader.
import { Buffer } from 'node:buffer';
import process from 'node:process';
import express from 'express';
import { serveUntilTold } from './serve.mjs';

const [path = '/', body = ''] = process.argv.slice(2);
const bytes = Buffer.from(body);
const app = express();
app.get(path, (_, response) => {
  response.type('json').send(bytes);
});
await serveUntilTold(app);
process.disconnect();
