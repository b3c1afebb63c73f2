import type { WorkQueue } from '../../commands/ports/workQueue.js';
import type { FilmRefreshes } from '../metadata/filmRefreshes.js';
import type { Job } from './job.js';

/** Of a catalogue of 50,000 old films each is looked up once a month, and there is room for three times as many. */
const FILMS_AN_HOUR = 250;

/** Films that were not looked up for too long: some of them each hour, so that providers hardly notice. */
export const refreshFilms = (
  refreshes: Pick<FilmRefreshes, 'due'>,
  queue: Pick<WorkQueue, 'add'>,
): Job => ({
  name: 'refresh-films',
  meaning: `has films looked up again, at most ${FILMS_AN_HOUR}: new ones daily, recent ones weekly, old ones monthly`,
  schedule: '7 * * * *',
  ...{ everyMs: 3_600_000, limitMs: 60_000 },
  run: async (signal) => {
    const films = await refreshes.due(new Date(), FILMS_AN_HOUR, signal);
    signal.throwIfAborted();
    await queue.add(
      films.map((movieId) => ({ kind: 'enrich-movie', movieId })),
      { behind: true },
    );
    return `put ${films.length} films in the queue`;
  },
});
