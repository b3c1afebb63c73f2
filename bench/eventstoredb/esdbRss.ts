import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fill, withEventStoreDb, type BenchServer } from './eventStoreDb.js';
import type { BenchRow } from '../row.js';

const EVENTS = 1_000_000;
const PAUSE_MS = 60;
const LIMIT_MS = 15 * 60_000;
interface Sample {
  readonly events: number;
  readonly megabytes: number;
}

const consume = async (
  { connectionString, streamPrefix }: BenchServer,
  head: bigint,
): Promise<readonly Sample[]> => {
  const consumer = fileURLToPath(new URL('esdbConsumer.ts', import.meta.url));
  const log = [connectionString, streamPrefix, String(head)];
  const args = ['--import', 'tsx', consumer, ...log, String(PAUSE_MS)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT_MS });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample);
};

const most = (samples: readonly Sample[]): number =>
  Math.max(...samples.map(({ megabytes }) => megabytes));

/** What a consumer that is slower than the server takes of memory, from the first event to the millionth. */
export const esdbRss: BenchRow = {
  names: ['esdb.rss'],
  run: ({ report }) =>
    withEventStoreDb('none', async (server) => {
      const head = await fill(server, EVENTS, report);
      report('the slow consumer begins');
      const samples = await consume(server, head);
      const early = samples.filter(({ events }) => events <= EVENTS / 4);
      const late = samples.filter(({ events }) => events > EVENTS / 2);
      const note = `${most(samples).toFixed(0)} MB at most, ${samples.at(-1)?.events ?? 0} events`;
      return { 'esdb.rss': { value: most(late) - most(early), note, on: server.on } };
    }),
};
