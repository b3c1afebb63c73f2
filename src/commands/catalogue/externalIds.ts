import { setTimeout as sleep } from 'node:timers/promises';
import { movieIdOf, type Provider } from '../../domain/streams.js';
import type { CommandCall } from '../handling/call.js';
import { CommandRejected } from '../command.js';
import { movieStateOf } from './movieState.js';
import { stoppedWaiting } from '../ports/eventStore.js';
import type { CommandServices } from '../handling/services.js';

/** What a film is called elsewhere. */
export interface ExternalIds {
  readonly tmdbId?: number | null;
  readonly imdbId?: string | null;
  readonly tvdbId?: number | null;
}

/** The names under which external ids are reserved. */
export const namesOf = ({ tmdbId, imdbId, tvdbId }: ExternalIds): readonly string[] => [
  ...(tmdbId == null ? [] : [`tmdb:movie:${tmdbId}`]),
  ...(imdbId == null ? [] : [`imdb:movie:${imdbId}`]),
  ...(tvdbId == null ? [] : [`tvdb:movie:${tvdbId}`]),
];

/** The id that follows from each external id; `null` where there is none. */
export const idsOf = ({
  tmdbId,
  imdbId,
  tvdbId,
}: ExternalIds): Readonly<Record<Provider, string | null>> => ({
  tmdb: tmdbId == null ? null : movieIdOf('tmdb', tmdbId),
  imdb: imdbId == null ? null : movieIdOf('imdb', imdbId),
  tvdb: tvdbId == null ? null : movieIdOf('tvdb', tvdbId),
});

/** The id that a film known by a provider gets, so that everybody who imports it means the same stream. */
export const idOf = (film: ExternalIds): string | undefined => {
  const { tmdb, imdb, tvdb } = idsOf(film);
  return tmdb ?? imdb ?? tvdb ?? undefined;
};

/**
 * The id of a film that the catalogue does not have: the one under which people have watched it already, by whatever
 * name they called it, so that what they recorded is the film's.
 */
export const titleIdOf = async (
  { viewers }: Pick<CommandServices, 'viewers'>,
  film: ExternalIds,
): Promise<string | undefined> => {
  const id = idOf(film);
  if (id === undefined) return undefined;
  const ids = Object.values(idsOf(film)).filter((name) => name !== null);
  const pending = await viewers.pendingTitles(ids);
  return pending.includes(id) ? id : (pending[0] ?? id);
};

/** A film and the names that are reserved for it. */
export interface NameClaim {
  readonly movieId: string;
  readonly names: readonly string[];
}

/** A name reserved for longer, for a film that does not have it, was left behind: no command takes so long. */
const LEFT_BEHIND_MS = 10_000;
/** How long a command waits for others that are about to give the names to a film, or not to. */
const PATIENCE_MS = 12_000;
const LOOK_AGAIN_MS = 40;

/**
 * Reserves a film's external ids for it (SEMANTICS D14: unique over live films). Without an id of its own the
 * film is the one that has one of them already.
 * @throws {CommandRejected} `external-id-taken` when another live film has one of them, or several have
 */
export const claimNames = async (
  services: CommandServices,
  call: CommandCall,
  film: ExternalIds & { readonly movieId?: string | undefined },
): Promise<NameClaim> => {
  const { reservations } = services;
  const names = namesOf(film);
  const wanted = film.movieId ?? (await titleIdOf(services, film)) ?? call.newId('movie');
  const holders = await settledHolders(services, call, names, wanted).catch(
    async (error: unknown) => {
      // Whoever leaves, or waited in vain, leaves no names behind; where this fails too they are taken over.
      const claim = { movieId: wanted, names };
      await releaseNames(services, claim, undefined).catch(() => undefined);
      throw call.signal?.aborted ? stoppedWaiting(call.signal) : error;
    },
  );
  const others = new Map([...holders].filter(([, owner]) => owner !== wanted));
  if (others.size === 0) return { movieId: wanted, names };

  const live = await filmsThatHave(services, holders, call.signal);
  await reservations.release(
    names.filter((name) => !live.has(name)),
    wanted,
  );
  const [existingId, ...more] = [...new Set(live.values())].filter((id) => id !== wanted);
  if (existingId === undefined) return claimNames(services, call, film);
  const isOneFilm = more.length === 0 && ![...live.values()].includes(wanted);
  if (film.movieId === undefined && isOneFilm) {
    return claimNames(services, call, { ...film, movieId: existingId });
  }
  throw idsTaken([...others.keys()], existingId);
};

export const idsTaken = (names: readonly string[], existingId: string): CommandRejected =>
  new CommandRejected({
    kind: 'already-exists',
    code: 'external-id-taken',
    message: `Another film has the external id ${names.join(', ')}.`,
    existingId,
  });

/**
 * Reserves names; of those that another holds, waits until a live film has them or they are free, and takes over
 * what was left behind.
 * @returns who holds each name now: `wanted`, or another live film that has it
 */
const settledHolders = async (
  services: CommandServices,
  call: CommandCall,
  names: readonly string[],
  wanted: string,
): Promise<ReadonlyMap<string, string>> => {
  const { reservations } = services;
  for (let waitedMs = 0; waitedMs <= PATIENCE_MS;) {
    const held = await reservations.reserve(names, wanted);
    const holders = new Map([...held].map(([name, { owner }]) => [name, owner]));
    const others = new Map([...holders].filter(([, owner]) => owner !== wanted));
    const live = await filmsThatHave(services, others, call.signal);
    const unsettled = [...others].filter(([name]) => !live.has(name));
    if (unsettled.length === 0 && holders.size === names.length) return holders;

    const leftBehind = unsettled.filter(([name]) => (held.get(name)?.heldMs ?? 0) > LEFT_BEHIND_MS);
    await reservations.takeOver(
      leftBehind.map(([name, from]) => ({ name, from })),
      wanted,
    );
    if (leftBehind.length < unsettled.length) {
      const pauseMs = LOOK_AGAIN_MS * (0.5 + Math.random());
      await sleep(pauseMs, undefined, call.signal ? { signal: call.signal } : {});
      waitedMs += pauseMs;
    } else waitedMs += 1;
  }
  throw new CommandRejected({
    kind: 'contended',
    code: 'contended',
    message: 'Other commands are about to use these external ids. Try again in a moment.',
  });
};

/** Those of the holders that are live films and do have the name, by name. */
export const filmsThatHave = async (
  services: CommandServices,
  holders: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> => {
  const held = [...holders];
  const films = await Promise.all(held.map(([, holder]) => movieStateOf(services, holder, signal)));
  return new Map(
    held.filter(([name], index) => {
      const state = films[index];
      return state?.status === 'live' && namesOf(state.details).includes(name);
    }),
  );
};

/** Frees those of the names that the film does not have (any more). */
export const releaseNames = async (
  services: CommandServices,
  { movieId, names }: NameClaim,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const state = await movieStateOf(services, movieId, signal);
  const has = state.status === 'live' ? namesOf(state.details) : [];
  await services.reservations.release(
    names.filter((name) => !has.includes(name)),
    movieId,
  );
};
