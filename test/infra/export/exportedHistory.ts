import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandData, CommandName } from '../../../src/commands/command.js';
import { openDuckDb } from '../../../src/infra/export/duckdb.js';
import { exportFolder, type ExportOptions } from '../../../src/infra/export/folder/exportFolder.js';
import type { Manifest } from '../../../src/infra/export/folder/manifest.js';
import { eventually } from '../../support/run/eventually.js';
import { startReellog } from '../../support/service/reellog.js';

/** A running service with a short history, and folders to export it to. */
export const exportedHistory = async () => {
  const service = await startReellog();
  const home = await mkdtemp(join(tmpdir(), 'reellog-test-export-'));
  const { eventStore, database } = service.reellog;
  const run = async <Name extends CommandName>(name: Name, data: CommandData<Name>) => {
    const { execute } = service.reellog;
    return execute({ name, data, actor: { userId: service.owner.userId, role: 'owner' } });
  };
  const duckDb = await openDuckDb({
    ...{ memoryMb: 256, spillTo: join(home, 'spill') },
    signal: new AbortController().signal,
  });
  return {
    ...{ service, home, run },
    folder: (name: string): string => join(home, name),
    export: (folder: string, options: Partial<ExportOptions> = {}): Promise<Manifest> =>
      exportFolder({
        ...{ folder: join(home, folder), eventStore, database },
        signal: new AbortController().signal,
        ...options,
      }),
    /** The whole log, as `reellog events` has it. */
    log: async () => (await eventStore.readAll({ maxCount: 100_000 })).events,
    /** What DuckDB answers, as its JSON has it: whole numbers of 64 bits and times are text. */
    ask: async (sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
      (await duckDb.connection.runAndReadAll(sql)).getRowObjectsJson(),
    close: async () => {
      duckDb.close();
      await service.close();
      await rm(home, { recursive: true, force: true });
    },
  };
};
export type ExportedHistory = Awaited<ReturnType<typeof exportedHistory>>;

/** One event of most kinds, with what makes files difficult in their texts. */
export const difficultTexts = 'Line\n"quoted", comma; ünïcode \u2028 \\ \'single\' 🎬';

export const liveThroughSomething = async ({ run, service }: ExportedHistory): Promise<void> => {
  const { id: alien } = await run('ImportMovie', {
    ...{ title: 'Alien, "the" film', releaseDate: '1979-05-25', runtimeMinutes: 117 },
    ...{ genres: ['Horror', 'Science Fiction'], countries: ['GB', 'US'], budget: 11_000_000_000 },
    ...{ communityRating: 8.1, tmdbId: 348, overview: difficultTexts },
    cast: [{ name: 'Sigourney Weaver', character: 'Ripley' }, { name: 'Tom Skerritt' }],
  });
  const { id: bare } = await run('ImportMovie', { title: 'Ordet' });
  await run('EditMovieDetails', {
    movieId: alien,
    changes: { tagline: 'In space', overview: null },
  });
  await run('RecordWatchEvent', {
    ...{ movieId: alien, watched: { at: '2026-02-07T03:26:00Z' }, timezone: 'America/New_York' },
    ...{ note: difficultTexts.replace(/[\n\u2028]/g, ' '), rating: 8.3, source: 'manual' },
  });
  await run('RecordWatchEvent', { movieId: alien, watched: { date: '2026-03-01' } });
  await run('RecordWatchEvent', { movieId: bare, watched: 'unknown', rating: 0 });
  await run('RateMovie', { movieId: bare, rating: 10 });
  await run('WriteReview', { movieId: alien, review: difficultTexts, spoiler: true });
  await run('AddToFavorites', { movieId: alien });
  await run('MarkAchievementsSeen', { achievements: 'all' });
  await run('ChangeProfile', { displayName: 'Ellen', preferences: { ratingScale: '5' } });
  await run('CreateLibrary', { name: 'Attic', kind: 'movies', paths: ['/a, b', '/"c"'] });
  await service.caughtUp();
  // Exports tell the position that is written, which follows at leisure over events that concern a read model not.
  await eventually('the checkpoints are written', async () => {
    const checkpoints = await service.reellog.database.query<{ position: bigint }>({
      text: 'select position from projections.checkpoints',
    });
    const head = await service.head();
    return checkpoints.every(({ position }) => position === head);
  });
};
