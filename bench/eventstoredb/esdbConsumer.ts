import { setTimeout as sleep } from 'node:timers/promises';
import { openEventStoreDb } from '../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import { quiet } from '../measuring/temporaryServer.js';

/**
 * A slow consumer of a log in a process of its own: `node --import tsx esdbConsumer.ts URL PREFIX HEAD PAUSE_MS`. Says
 * how many events it has had and how much memory it takes, every so often, as lines of JSON.
 */
const [connectionString = '', streamPrefix = '', head = '0', pause = '0'] = process.argv.slice(2);
const SAID_EVERY = 10_000;
const BATCH = 1_000;
const MEGABYTE = 1024 * 1024;

const log = openEventStoreDb({ connectionString, streamPrefix, logger: quiet });
const stop = new AbortController();
let events = 0;
let said = 0;
for await (const batch of log.follow({ batchSize: BATCH, signal: stop.signal })) {
  events += batch.events.length;
  if (events - said >= SAID_EVERY) {
    said = events;
    const megabytes = process.memoryUsage().rss / MEGABYTE;
    process.stdout.write(`${JSON.stringify({ events, megabytes })}\n`);
  }
  if ((batch.events.at(-1)?.position ?? 0n) >= BigInt(head)) stop.abort();
  // What makes it slow: far slower than the server sends.
  else await sleep(Number(pause));
}
await log.close();
