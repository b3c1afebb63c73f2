import { wantedPeople } from '../../src/domain/person/wantedPeople.js';
import { movieIdOf } from '../../src/domain/streams.js';
import { configFrom } from '../../src/infra/config/config.js';
import { openReellog } from '../../src/infra/composition/service.js';
import { inParallel } from '../../src/infra/imports/inParallel.js';
import { createPeopleTable } from '../../src/infra/people/peopleTable.js';
import { beginDatabase } from '../data/dataFolders.js';
import { createHttpClient } from '../http/httpClient.js';
import { withService } from '../measuring/commandLine.js';
import { quantile } from '../measuring/rounds.js';
import { quiet, withTemporaryFolder } from '../measuring/temporaryServer.js';
import type { BenchRow } from '../row.js';
import { filmsWithCredits, type Film } from './films.js';

/** The data have no ids of people: each name gets one. */
const withIds = (films: readonly Film[]): readonly Film[] => {
  const ids = new Map<string, number>();
  const known = <Credit extends { readonly name: string }>(credit: Credit) => {
    const tmdbId = ids.get(credit.name) ?? ids.size + 1;
    ids.set(credit.name, tmdbId);
    return { ...credit, tmdbId };
  };
  return films.map((film) => ({
    ...film,
    cast: (film.cast ?? []).map(known),
    crew: (film.crew ?? []).map(known),
  }));
};

/** Puts birthdays of all people where those are kept that were looked up. */
const keepPeople = async (folder: string, films: readonly Film[]): Promise<void> => {
  const reellog = await openReellog(configFrom({ REELLOG_DATA_DIR: folder }), {
    ...{ logger: quiet, makes: true },
  });
  try {
    const table = createPeopleTable(reellog.database);
    const people = new Set(films.flatMap(wantedPeople));
    await inParallel(
      people,
      4,
      (tmdbId) => {
        const birthday = `${1930 + (tmdbId % 70)}-0${1 + (tmdbId % 9)}-1${tmdbId % 10}`;
        const details = { tmdbId, name: `Person ${tmdbId}`, birthday };
        return table.save(tmdbId, { details, fetchedAt: new Date() });
      },
      AbortSignal.timeout(10 * 60_000),
    );
  } finally {
    await reellog.close();
  }
};

/** Each film once, with credits and ages: no answer comes from the cache. */
export const filmPage: BenchRow = {
  names: ['film.page'],
  run: ({ report }) =>
    withTemporaryFolder(async (folder) => {
      const films = withIds(await filmsWithCredits());
      const token = await beginDatabase(folder);
      await withService(folder, async (url) => {
        const client = createHttpClient(url, token);
        const give = async (film: Film): Promise<void> => {
          await client.post('/api/v1/movies', film);
        };
        await inParallel(films, 16, give, AbortSignal.timeout(10 * 60_000));
        client.close();
      });
      report(`${films.length} films are there; now their people`);
      await keepPeople(folder, films);
      return withService(folder, async (url) => {
        const client = createHttpClient(url, token);
        const ms: number[] = [];
        let aged = 0;
        for (const { tmdbId } of films) {
          const path = `/api/v1/movies/${movieIdOf('tmdb', tmdbId)}?include=credits`;
          const answer = await client.get(path);
          ms.push(answer.ms);
          if (answer.body.includes('"ageAtRelease"')) aged += 1;
        }
        client.close();
        if (aged < films.length * 0.95) throw new Error(`only ${aged} films have ages`);
        // The first hundred warm the service up.
        const counted = ms.slice(100);
        const p50 = quantile(counted, 0.5).toFixed(1);
        return { 'film.page': { value: quantile(counted, 0.95), note: `p50 ${p50} ms` } };
      });
    }),
};
