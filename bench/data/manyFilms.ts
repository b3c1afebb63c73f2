import { movieIdOf, movieStream } from '../../src/domain/streams.js';
import type { MovieDetails } from '../../src/domain/movie/events.js';
import { sortTitleOf } from '../../src/domain/movie/titles.js';
import { readMetadata } from '../../src/infra/cli/import/movielens/metadata.js';
import { openReellog } from '../../src/infra/composition/service.js';
import { configFrom } from '../../src/infra/config/config.js';
import { quiet } from '../measuring/temporaryServer.js';

const AT_ONCE = 500;

/**
 * Fills a new data folder with so many films: those of a file of TMDb's data, and then the same again and again under other
 * ids, from other years, some with studios and keywords of their own.
 */
export const makeManyFilms = async (
  wanted: number,
  metadata: string,
  dataDir: string,
): Promise<void> => {
  const films = [...(await readMetadata(metadata)).values()];
  const all = Array.from({ length: wanted }, (_, nth) =>
    again(films[nth % films.length], Math.floor(nth / films.length)),
  );
  const reellog = await openReellog(configFrom({ REELLOG_DATA_DIR: dataDir }), {
    ...{ logger: quiet, makes: true },
  });
  try {
    for (let from = 0; from < all.length; from += AT_ONCE) {
      await Promise.all(
        all.slice(from, from + AT_ONCE).map((film) => {
          const movieId = movieIdOf('tmdb', film.tmdbId);
          const metadata = { correlationId: movieId, causationId: movieId, schemaVersion: 2 };
          const event = { type: 'MovieImported', data: { movieId, ...film }, metadata };
          return reellog.eventStore.append(movieStream(movieId), [{ id: movieId, ...event }], {
            expectedRevision: 'no-stream',
          });
        }),
      );
    }
  } finally {
    await reellog.close();
  }
};

/** A film once more, as another one. */
const again = (film: MovieDetails | undefined, time: number) => {
  if (film?.tmdbId === undefined) throw new Error('a film has no id');
  const tmdbId = film.tmdbId + time * 10_000_000;
  const title = time === 0 ? film.title : `${film.title} ${time + 1}`;
  const year = Number(film.releaseDate?.slice(0, 4) ?? 2000) - 3 * time;
  const own = (names: readonly string[] = []) =>
    names.map((name, nth) => (nth % 2 === 0 ? name : `${name} ${time % 4}`));
  return {
    ...film,
    ...{ tmdbId, title, year, sortTitle: sortTitleOf({ ...film, title }) },
    // Not every year has a 29th of February.
    ...(film.releaseDate === undefined
      ? {}
      : { releaseDate: `${year}${film.releaseDate.slice(4).replace('-29', '-28')}` }),
    ...{ studios: [...new Set(own(film.studios))], keywords: [...new Set(own(film.keywords))] },
  };
};
