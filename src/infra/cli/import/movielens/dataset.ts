import type { CommandData } from '../../../../commands/command.js';
import type { MovieDetails } from '../../../../domain/movie/events.js';
import { isMovedBehind } from '../../../../domain/movie/articles.js';
import { derivedId } from '../../../../domain/streams.js';
import { csvRows, findCsv, numberIn } from './csv.js';
import type { Metadata } from './metadata.js';
import { parseTitle, type MovieLensTitle } from './titles.js';

/** One rating of the dataset. */
export interface RatingRow {
  readonly person: number;
  readonly movie: number;
  /** Half stars, 0.5 to 5. */
  readonly stars: number;
  /** Seconds since 1970. */
  readonly at: number;
}

/** A film of the dataset as a command. */
export interface FilmRow {
  readonly movie: number;
  readonly data: CommandData<'ImportMovie'>;
}

const NO_GENRES = '(no genres listed)';

/** The films with their ids elsewhere and, where there is some, metadata. */
export const readFilms = async (
  folder: string,
  metadata: Metadata,
): Promise<readonly FilmRow[]> => {
  const links = new Map<string, { tmdbId?: number; imdbId?: string }>();
  const linksFile = findCsv(folder, 'links.csv');
  for await (const row of csvRows(linksFile, ['movieId', 'imdbId', 'tmdbId'])) {
    const { movieId = '', imdbId = '', tmdbId = '' } = row;
    links.set(movieId, {
      ...(tmdbId === '' ? {} : { tmdbId: Number(tmdbId) }),
      // MovieLens leaves out the "tt" and leading zeros may be missing.
      ...(imdbId === '' ? {} : { imdbId: `tt${imdbId.padStart(7, '0')}` }),
    });
  }
  const films: FilmRow[] = [];
  const moviesFile = findCsv(folder, 'movies.csv');
  let count = 0;
  for await (const row of csvRows(moviesFile, ['movieId', 'title', 'genres'])) {
    count += 1;
    const { movieId = '', title = '', genres = '' } = row;
    const ids = links.get(movieId) ?? {};
    const known = ids.tmdbId === undefined ? undefined : metadata.get(ids.tmdbId);
    const titles = parseTitle(title);
    const { originalTitle, year } = titles;
    films.push({
      movie: numberIn(moviesFile, count, row, 'movieId'),
      data: {
        title: titles.title,
        ...(known === undefined ? sortTitleIn(title, titles.title) : {}),
        ...(originalTitle === undefined ? {} : { originalTitle }),
        // A known release date says the year, which MovieLens has from elsewhere: they may differ.
        ...(year === undefined || known?.releaseDate !== undefined ? {} : { year }),
        ...(genres === '' || genres === NO_GENRES ? {} : { genres: genres.split('|') }),
        ...known,
        ...otherTitles(titles, known),
        ...ids,
        // Known nowhere else: an id of its own that is the same at every import.
        ...(ids.tmdbId === undefined && ids.imdbId === undefined
          ? { movieId: derivedId(`movielens:movie:${movieId}`) }
          : {}),
      },
    });
  }
  return films;
};

/** `Dolce Vita, La (1960)` says what the article of a title is whose language is not known. */
const sortTitleIn = (text: string, title: string): Pick<MovieDetails, 'sortTitle'> => {
  // Without its space an article that is elided takes a comma and a space.
  const sortTitle = [1, 2]
    .map((longer) => text.slice(0, title.length + longer))
    .find((beginning) => isMovedBehind(beginning, title));
  return sortTitle === undefined ? {} : { sortTitle };
};

/** What MovieLens calls a film beside the title and original title that it gets: metadata may know others. */
const otherTitles = (
  { title, originalTitle, alternativeTitles: others = [] }: MovieLensTitle,
  known: MovieDetails | undefined,
): Pick<MovieDetails, 'alternativeTitles'> => {
  const shown = [known?.title ?? title, known?.originalTitle ?? originalTitle];
  const told = [title, ...(originalTitle === undefined ? [] : [originalTitle]), ...others];
  const alternative = [...new Set(told.filter((name) => !shown.includes(name)))];
  return alternative.length > 0 ? { alternativeTitles: alternative } : {};
};

/**
 * The ratings of some people, each person's in the order of time (ties by film): achievements are earned by the
 * play that crosses the line.
 */
export const readRatings = async (
  folder: string,
  people: number | undefined,
): Promise<readonly RatingRow[]> => {
  const ratings: RatingRow[] = [];
  const file = findCsv(folder, 'ratings.csv');
  let count = 0;
  for await (const row of csvRows(file, ['userId', 'movieId', 'rating', 'timestamp'])) {
    count += 1;
    const person = numberIn(file, count, row, 'userId');
    if (people !== undefined && person > people) continue;
    ratings.push({
      person,
      movie: numberIn(file, count, row, 'movieId'),
      stars: numberIn(file, count, row, 'rating'),
      at: numberIn(file, count, row, 'timestamp'),
    });
  }
  return ratings.sort((a, b) => a.person - b.person || a.at - b.at || a.movie - b.movie);
};

/** The account that stands for a person of the dataset. */
export const personIdOf = (person: number): string => derivedId(`movielens:person:${person}`);
