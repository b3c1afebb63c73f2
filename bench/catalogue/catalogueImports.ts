import { readFileSync } from 'node:fs';
import { inParallel } from '../../src/infra/imports/inParallel.js';
import { beginDatabase } from '../data/dataFolders.js';
import { createHttpClient } from '../http/httpClient.js';
import { withService } from '../measuring/commandLine.js';
import { withTemporaryFolder } from '../measuring/temporaryServer.js';
import type { BenchRow } from '../row.js';
import { creditsOf, films5000, filmsWithCredits, type Film } from './films.js';

const AT_ONCE = 16;
const LIMIT_MS = 10 * 60_000;

interface Run {
  readonly filmsPerSecond: number;
  /** The most memory of the service in the first half and in the second, in MB. */
  readonly memory: readonly [number, number];
}

/** Gives films to a service over HTTP, until the last is shown. */
const importInto = async (folder: string, films: readonly Film[]): Promise<Run> => {
  const token = await beginDatabase(folder);
  return withService(folder, async (url, pid) => {
    const client = createHttpClient(url, token);
    const halves: [number, number] = [0, 0];
    let last = 0n;
    let given = 0;
    const started = performance.now();
    await inParallel(
      films,
      AT_ONCE,
      async (film) => {
        const { headers } = await client.post('/api/v1/movies', film);
        const position = BigInt(String(headers['reellog-position']));
        if (position > last) last = position;
        const half = given * 2 < films.length ? 0 : 1;
        given += 1;
        if (given % 50 === 0) halves[half] = Math.max(halves[half], memoryOf(pid));
      },
      AbortSignal.timeout(LIMIT_MS),
    );
    await client.get('/api/v1/movies?limit=1', { 'reellog-after': String(last) });
    const seconds = (performance.now() - started) / 1000;
    client.close();
    return { filmsPerSecond: films.length / seconds, memory: halves };
  });
};

/** What a process has in memory now, in MB. */
const memoryOf = (pid: number): number => {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
};

/** Films over HTTP, 16 at a time, into the log and to the last read model. */
export const catalogueImport: BenchRow = {
  names: ['catalogue.import'],
  run: async ({ report }) => {
    const films = await films5000();
    const run = await withTemporaryFolder((folder) => importInto(folder, films));
    report(`${run.filmsPerSecond.toFixed(0)} films/s`);
    return { 'catalogue.import': { value: run.filmsPerSecond, note: `${films.length} films` } };
  },
};

/** The same of films with all of their cast and crew. */
export const catalogueCredits: BenchRow = {
  names: ['catalogue.credits'],
  run: async ({ report }) => {
    const films = await filmsWithCredits();
    const run = await withTemporaryFolder((folder) => importInto(folder, films));
    const [early, late] = run.memory;
    report(
      `${run.filmsPerSecond.toFixed(0)} films/s; ${early.toFixed(0)}, then ${late.toFixed(0)} MB`,
    );
    return {
      'catalogue.credits': {
        value: run.filmsPerSecond,
        also: { what: 'MB more in the second half', value: late - early, most: 64 },
        note: `${creditsOf(films)} credits`,
      },
    };
  },
};
