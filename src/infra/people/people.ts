import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { ProviderFailure } from '../../commands/ports/movieProvider.js';
import type { PersonDetails } from '../../domain/person/details.js';
import type { FoundPerson, People } from '../../queries/ports/facts.js';
import type { PeopleTable } from './peopleTable.js';

/** Who knows people. @throws {ProviderFailure} */
export interface PersonProvider {
  /** @returns `undefined` where it does not know the id */
  getPerson(tmdbId: number, signal: AbortSignal): Promise<PersonDetails | undefined>;
}

/** People that are asked for after an answer was sent, at most so many. */
const MOST_WAITING = 500;
const AT_ONCE = 10;
/** Beside those that somebody waits for. */
const IN_BACKGROUND = 2;
const BACKGROUND_MS = 60_000;

/** The people of this process; where no provider is configured it tells what it finds in the table. */
export const createPeople = ({
  table,
  provider,
  fetches,
  limitMs,
  logger,
}: {
  readonly table: PeopleTable;
  readonly provider?: PersonProvider | undefined;
  /** How many people an answer asks the provider for at most (SEMANTICS D10: ten). */
  readonly fetches: number;
  /** How long an answer waits for them at most, in milliseconds. */
  readonly limitMs: number;
  readonly logger: Logger;
}): People & { close(): Promise<void> } => {
  const fetching = new Map<number, Promise<FoundPerson | undefined>>();
  const waiting = new Set<number>();
  const atOnce = new PQueue({ concurrency: AT_ONCE });
  const background = new PQueue({ concurrency: IN_BACKGROUND });
  const closing = new AbortController();

  /** Once for all who ask at the same time; `undefined` where the provider has no answer. */
  const fetch = (from: PersonProvider, tmdbId: number, ms: number) => {
    const shared = fetching.get(tmdbId);
    if (shared) return shared;
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(ms)]);
    const fetched = from.getPerson(tmdbId, signal).then(
      async (details): Promise<FoundPerson> => {
        const found = { ...(details ? { details } : {}), fetchedAt: new Date() };
        await table.save(tmdbId, found);
        return found;
      },
      (error: unknown) => {
        const isExpected = error instanceof ProviderFailure || signal.aborted;
        logger[isExpected ? 'debug' : 'warn']({ err: error, tmdbId }, 'a person was not found out');
        return undefined;
      },
    );
    fetching.set(tmdbId, fetched);
    void fetched.finally(() => fetching.delete(tmdbId)).catch(() => undefined);
    return fetched;
  };

  const fetchLater = (from: PersonProvider, people: readonly number[]): void => {
    for (const tmdbId of people) {
      if (waiting.size >= MOST_WAITING || closing.signal.aborted) return;
      if (waiting.has(tmdbId)) continue;
      waiting.add(tmdbId);
      void background
        .add(() => fetch(from, tmdbId, BACKGROUND_MS))
        .catch((error: unknown) => {
          logger.warn({ err: error, tmdbId }, 'a person could not be kept');
        })
        .finally(() => waiting.delete(tmdbId));
    }
  };

  return {
    lookUp: async (wanted) => {
      const known = await table.load(wanted);
      const people = new Map([...known].map(([id, { person }]) => [id, person]));
      const missing = wanted.filter((id) => known.get(id)?.isFresh !== true);
      if (!provider || missing.length === 0) return { people, complete: true };
      const now = missing.slice(0, fetches);
      const found = await Promise.all(
        now.map((id) => atOnce.add(() => fetch(provider, id, limitMs))),
      );
      for (const [nth, id] of now.entries()) {
        const person = found[nth];
        if (person) people.set(id, person);
      }
      const later = missing.slice(fetches);
      fetchLater(provider, later);
      return { people, complete: later.length === 0 && found.every((one) => one !== undefined) };
    },
    close: async () => {
      closing.abort();
      background.clear();
      atOnce.clear();
      await Promise.allSettled(fetching.values());
    },
  };
};
