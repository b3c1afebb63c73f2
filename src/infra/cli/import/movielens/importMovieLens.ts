import type { ExecuteCommand } from '../../../../commands/command.js';
import { OWNER_ID } from '../../../auth/owner.js';
import { CommandTallies, type CommandTotals, type Tally } from '../../../imports/commandTallies.js';
import { inParallel } from '../../../imports/inParallel.js';
import { personIdOf, readFilms, readRatings, type FilmRow, type RatingRow } from './dataset.js';
import { readMetadata } from './metadata.js';

/** What an import did. */
export interface ImportSummary extends CommandTotals {
  readonly films: Tally;
  readonly people: Tally;
  readonly ratings: Tally;
}

type ImportRun = CommandTallies<'films' | 'people' | 'ratings'>;

/** Commands under way at once: the log groups what arrives together. */
const COMMANDS_AT_ONCE = 384;

/** Imports MovieLens through the commands that clients use; importing again adds nothing. */
export const importMovieLens = async (options: {
  readonly execute: ExecuteCommand;
  readonly folder: string;
  /** TMDb 5000 films, CSV. */
  readonly metadata?: string;
  /** Only the first so many people, and only the films they rated. */
  readonly people?: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (commands: number, of: number) => void;
}): Promise<ImportSummary> => {
  const { execute, folder, signal, onProgress } = options;
  const metadata =
    options.metadata === undefined ? new Map() : await readMetadata(options.metadata);
  const ratings = await readRatings(folder, options.people);
  const rated = new Set(ratings.map(({ movie }) => movie));
  const films = (await readFilms(folder, metadata)).filter(
    ({ movie }) => options.people === undefined || rated.has(movie),
  );
  const people = new Map(
    [...new Set(ratings.map(({ person }) => person))].map((person) => [person, personIdOf(person)]),
  );
  const total = films.length + people.size + ratings.length;
  const run: ImportRun = new CommandTallies(execute, () => onProgress?.(run.commands, total));

  const ids = new Map<number, string>();
  await inParallel(films, COMMANDS_AT_ONCE, (film) => importFilm(run, film, ids), signal);
  await inParallel(people, COMMANDS_AT_ONCE, (person) => register(run, person), signal);
  await inParallel(
    ratings,
    COMMANDS_AT_ONCE,
    async (rating) => {
      const movieId = ids.get(rating.movie);
      const userId = people.get(rating.person);
      if (movieId === undefined || userId === undefined) {
        run.refuse('ratings', 'film-refused', `film ${rating.movie}`);
      } else await importRating(run, rating, { movieId, userId });
    },
    signal,
  );
  return {
    films: run.of('films'),
    people: run.of('people'),
    ratings: run.of('ratings'),
    ...run.totals(),
  };
};

const owner = { userId: OWNER_ID, role: 'owner' } as const;

const importFilm = async (
  run: ImportRun,
  { movie, data }: FilmRow,
  ids: Map<number, string>,
): Promise<void> => {
  const outcome = await run.command('films', `film ${movie} "${data.title}"`, {
    name: 'ImportMovie',
    data,
    actor: owner,
  });
  if (outcome) ids.set(movie, outcome.id);
};

const register = async (
  run: ImportRun,
  [person, userId]: readonly [number, string],
): Promise<void> => {
  await run.command('people', `person ${person}`, {
    name: 'RegisterAccount',
    data: { userId, displayName: `MovieLens ${person}`, timezone: 'UTC' },
    actor: owner,
  });
};

/** A rating says when the film was rated: taken as when it was watched. Stars are half of our scale. */
const importRating = async (
  run: ImportRun,
  { person, movie, stars, at }: RatingRow,
  { movieId, userId }: { readonly movieId: string; readonly userId: string },
): Promise<void> => {
  const watchedAt = new Date(at * 1000);
  if (Number.isNaN(watchedAt.getTime())) {
    run.refuse('ratings', 'invalid-time', `person ${person}, film ${movie}`);
    return;
  }
  await run.command('ratings', `person ${person}, film ${movie}`, {
    name: 'RecordWatchEvent',
    data: {
      movieId,
      watched: { at: watchedAt.toISOString() },
      source: 'import',
      externalId: `movielens:${person}:${movie}`,
      rating: stars * 2,
    },
    actor: { userId, role: 'member' },
  });
};
