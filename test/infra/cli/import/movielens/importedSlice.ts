import { personIdOf } from '../../../../../src/infra/cli/import/movielens/dataset.js';
import type { Reellog } from '../../../../../src/infra/composition/service.js';
import {
  importMovieLens,
  type ImportSummary,
} from '../../../../../src/infra/cli/import/movielens/importMovieLens.js';
import { history } from '../../../../../src/queries/viewing/history.js';
import { movies } from '../../../../../src/queries/catalogue/movies.js';
import { ratings } from '../../../../../src/queries/viewing/ratings.js';
import { watchlist } from '../../../../../src/queries/viewing/watchlist.js';
import { answersOf } from '../../../../support/service/answers.js';
import { startReellog, type RunningReellog } from '../../../../support/service/reellog.js';
import { MOVIELENS, readSlice, TMDB, type CsvFilm, type CsvPlay } from './dataset.js';

/** Somebody of the dataset, signed in; everybody there has rated something. */
export interface Viewer {
  readonly number: number;
  readonly plays: readonly [CsvPlay, ...CsvPlay[]];
  readonly token: string;
}

/** A running service that the ratings of the dataset's first people were imported into. */
export const importedSlice = async (people: number) => {
  const slice = readSlice(people);
  let imported: ImportSummary | undefined;
  const service = await startReellog({}, async (reellog) => {
    imported = await importSlice(reellog, people);
  });
  const summary = imported;
  try {
    await service.caughtUp();
    const viewers = await Promise.all(
      [...slice.people].map(([number, plays]) => signedIn(service, number, plays)),
    );
    const lists = listsOf(service);
    const catalogue = new Map((await lists.movies()).map((film) => [keyOf(film), film]));
    return {
      ...{ service, summary, films: slice.films, viewers, catalogue },
      ...{ ask: answersOf(service).ask, lists },
      importAgain: () => importSlice(service.reellog, people),
      /** The id in the catalogue of a film of the files. */
      idOf: ({ key, movieLensTitle }: CsvFilm): string => {
        const film = catalogue.get(key);
        if (!film) throw new Error(`${movieLensTitle} is not in the catalogue`);
        return film.id;
      },
      /** Checks everybody's answers; who it was when they are not as expected. */
      forEachViewer: async (check: (viewer: Viewer) => Promise<void>): Promise<void> => {
        for (const viewer of viewers) {
          try {
            await check(viewer);
          } catch (error) {
            if (error instanceof Error) error.message = `person ${viewer.number}: ${error.message}`;
            throw error;
          }
        }
      },
    };
  } catch (error) {
    await service.close();
    throw error;
  }
};
export type ImportedSlice = Awaited<ReturnType<typeof importedSlice>>;

const importSlice = ({ execute }: Reellog, people: number): Promise<ImportSummary> =>
  importMovieLens({
    ...{ execute, folder: MOVIELENS, metadata: TMDB, people },
    signal: new AbortController().signal,
  });

const signedIn = async (
  { reellog }: RunningReellog,
  number: number,
  [first, ...rest]: readonly CsvPlay[],
): Promise<Viewer> => {
  if (!first) throw new Error(`person ${number} has no ratings`);
  const { token } = await reellog.tokens.create({ userId: personIdOf(number), name: 'test' });
  return { number, plays: [first, ...rest], token };
};

const keyOf = (film: { readonly tmdbId?: number; readonly imdbId?: string }): string =>
  film.tmdbId === undefined ? `imdb ${film.imdbId}` : `tmdb ${film.tmdbId}`;

/** Whole lists, page by page. */
const listsOf = (service: RunningReellog) => {
  const { askAll } = answersOf(service);
  return {
    movies: (parameters = 'sort=title') =>
      askAll(movies, `/movies?limit=100&${parameters}`, (page) => [page.movies, page.nextCursor]),
    watches: (token: string, parameters = 'limit=500') =>
      askAll(
        history,
        `/me/history?${parameters}`,
        (page) => [page.watches, page.nextCursor],
        token,
      ),
    ratings: (token: string, parameters = 'limit=500') =>
      askAll(
        ratings,
        `/me/ratings?${parameters}`,
        (page) => [page.ratings, page.nextCursor],
        token,
      ),
    watchlist: (token: string, parameters = 'limit=500') =>
      askAll(
        watchlist,
        `/me/watchlist?${parameters}`,
        (page) => [page.entries, page.nextCursor],
        token,
      ),
  };
};
