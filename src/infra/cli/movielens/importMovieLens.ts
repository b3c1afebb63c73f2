import {
  CommandRejected,
  type CommandOutcome,
  type CommandRequest,
  type ExecuteCommand,
} from '../../../commands/command.js';
import { OWNER_ID } from '../../auth/owner.js';
import { inParallel } from '../inParallel.js';
import { personIdOf, readFilms, readRatings, type FilmRow, type RatingRow } from './dataset.js';
import { readMetadata } from './metadata.js';

/** What an import did. */
export interface ImportSummary {
  readonly films: Tally;
  readonly people: Tally;
  readonly ratings: Tally;
  readonly events: number;
  /** The last position it wrote, for waiting on the read models. */
  readonly position: bigint;
  readonly refused: readonly Refusal[];
}

/** How many were made, and how many were there already. */
export interface Tally {
  readonly added: number;
  readonly alreadyThere: number;
  readonly refused: number;
}

/** Why some were refused, with one of them. */
export interface Refusal {
  readonly code: string;
  readonly count: number;
  readonly example: string;
}

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
  const run = new ImportRun(execute, () => onProgress?.(run.commands, total));

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
  return run.summary();
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
  await run.command('ratings', `person ${person}, film ${movie}`, {
    name: 'RecordWatchEvent',
    data: {
      movieId,
      watched: { at: new Date(at * 1000).toISOString() },
      source: 'import',
      externalId: `movielens:${person}:${movie}`,
      rating: stars * 2,
    },
    actor: { userId, role: 'member' },
  });
};

type Kind = 'films' | 'people' | 'ratings';

/** Counts what becomes of the commands. */
class ImportRun {
  commands = 0;
  #events = 0;
  #position = 0n;
  readonly #execute: ExecuteCommand;
  readonly #progressed: () => void;
  readonly #tallies = {
    films: { added: 0, alreadyThere: 0, refused: 0 },
    people: { added: 0, alreadyThere: 0, refused: 0 },
    ratings: { added: 0, alreadyThere: 0, refused: 0 },
  };
  readonly #refusals = new Map<string, { count: number; example: string }>();

  constructor(execute: ExecuteCommand, progressed: () => void) {
    this.#execute = execute;
    this.#progressed = progressed;
  }

  async command<Name extends CommandRequest['name']>(
    kind: Kind,
    what: string,
    request: CommandRequest<Name>,
  ): Promise<CommandOutcome | undefined> {
    try {
      const outcome = await this.#execute(request);
      this.#tallies[kind][outcome.appended > 0 ? 'added' : 'alreadyThere'] += 1;
      this.#events += outcome.appended;
      if (outcome.position !== undefined && outcome.position > this.#position) {
        this.#position = outcome.position;
      }
      return outcome;
    } catch (error) {
      if (!(error instanceof CommandRejected)) throw error;
      this.refuse(kind, error.failure.code, `${what}: ${error.message}`);
      return undefined;
    } finally {
      this.commands += 1;
      this.#progressed();
    }
  }

  refuse(kind: Kind, code: string, example: string): void {
    this.#tallies[kind].refused += 1;
    const before = this.#refusals.get(code);
    if (before) before.count += 1;
    else this.#refusals.set(code, { count: 1, example });
  }

  summary(): ImportSummary {
    return {
      ...this.#tallies,
      events: this.#events,
      position: this.#position,
      refused: [...this.#refusals].map(([code, refusal]) => ({ code, ...refusal })),
    };
  }
}
