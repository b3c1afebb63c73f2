import type { Actor, ExecuteCommand } from '../../../../commands/command.js';
import { derivedId } from '../../../../domain/streams.js';
import { CommandTallies, type CommandTotals, type Tally } from '../../../imports/commandTallies.js';
import { inParallel } from '../../../imports/inParallel.js';
import { deedsOf, type Deed } from './deeds.js';
import { readSamples, type SamplePerson } from './files.js';

/** What loading the samples did. */
export interface SampleSummary extends CommandTotals {
  /** The owner first. */
  readonly people: readonly { readonly userId: string; readonly displayName: string }[];
  readonly films: Tally;
  readonly accounts: Tally;
  readonly plays: Tally;
  /** Ratings and reviews. */
  readonly opinions: Tally;
  /** Favourites and the watchlist. */
  readonly lists: Tally;
}

type Loading = CommandTallies<'films' | 'accounts' | Deed['kind']>;

/** Films under way at once: the log groups what arrives together. */
const FILMS_AT_ONCE = 64;

/**
 * Loads the sample films and people through the commands that clients use. The first person is the owner, whose
 * account is there already. Loading again adds nothing. Of what somebody changed in between, the films' unlocked
 * fields, profiles, opinions and lists become again what the samples say; plays stay as they were changed.
 * @throws {UsageError} when the files are not as they should be
 */
export const loadSamples = async (options: {
  readonly execute: ExecuteCommand;
  /** With `movies.json` and `people.json`. */
  readonly folder: string;
  readonly ownerId: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (commands: number, of: number) => void;
}): Promise<SampleSummary> => {
  const { execute, folder, ownerId, signal, onProgress } = options;
  const samples = await readSamples(folder);
  const owner: Actor = { userId: ownerId, role: 'owner' };
  const people = samples.people.map((person, index) => {
    const actor = index === 0 ? owner : memberOf(person);
    return { person, actor, deeds: [...deedsOf(person, actor)] };
  });
  const total = people.reduce((sum, { deeds }) => sum + 1 + deeds.length, samples.films.length);
  const loading: Loading = new CommandTallies(execute, () => onProgress?.(loading.commands, total));

  const films = new Map<string, string>();
  await inParallel(
    samples.films,
    FILMS_AT_ONCE,
    async (data) => {
      const request = { name: 'ImportMovie', data, actor: owner } as const;
      const outcome = await loading.command('films', `"${data.title}"`, request);
      if (outcome) films.set(data.title, outcome.id);
    },
    signal,
  );
  await inParallel(
    people,
    people.length,
    async ({ person, actor, deeds }) => {
      await enrol(loading, person, actor, owner);
      // One by one, in the order of time: achievements are earned by the play that crosses the line.
      await inParallel(deeds, 1, (deed) => repeat(loading, deed, films), signal);
    },
    signal,
  );
  return {
    people: people.map(({ person: { displayName }, actor: { userId } }) => ({
      userId,
      displayName,
    })),
    films: loading.of('films'),
    accounts: loading.of('accounts'),
    plays: loading.of('plays'),
    opinions: loading.of('opinions'),
    lists: loading.of('lists'),
    ...loading.totals(),
  };
};

const memberOf = ({ displayName }: SamplePerson): Actor => ({
  userId: derivedId(`samples:person:${displayName}`),
  role: 'member',
});

/** Gives somebody an account; the owner's gets its name and zone. */
const enrol = async (
  loading: Loading,
  { displayName, timezone }: SamplePerson,
  actor: Actor,
  owner: Actor,
): Promise<void> => {
  if (actor === owner) {
    const data = { displayName, timezone };
    await loading.command('accounts', displayName, { name: 'ChangeProfile', data, actor });
  } else {
    const data = { userId: actor.userId, displayName, timezone };
    await loading.command('accounts', displayName, { name: 'RegisterAccount', data, actor: owner });
  }
};

/** What was done with a film that was refused is refused with it. */
const repeat = async (
  loading: Loading,
  { kind, film, request }: Deed,
  films: ReadonlyMap<string, string>,
): Promise<void> => {
  const movieId = films.get(film);
  if (movieId === undefined) loading.refuse(kind, 'film-refused', `"${film}"`);
  else await loading.command(kind, `"${film}"`, request(movieId));
};
