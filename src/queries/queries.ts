import { createHash } from 'node:crypto';
import type { Static, TSchema } from 'typebox';
import type { EventStore } from '../commands/ports/eventStore.js';
import { AnswerCache, type Answer } from './serving/answerCache.js';
import type { ChangeNotices } from './ports/changeNotices.js';
import type { Facts } from './ports/facts.js';
import {
  ReadModelsMoved,
  ReadModelsUnavailable,
  type ServedReadModels,
} from './ports/readModels.js';
import { ReachedPositions } from './serving/positions.js';
import { isPersonal, readModelsOf, type Asker, type Query } from './query.js';

/** An answer and how true it is. */
export interface Answered extends Answer {
  /** The position that all read models asked have reached. */
  readonly position: bigint;
  /** The position waited for was not reached in time: the answer may not show one's own writes yet. */
  readonly stale: boolean;
}

/** How the cache does, since the start. */
export interface CacheUse {
  /** Answers given from the cache. */
  readonly hits: number;
  /** Answers that had to be read. */
  readonly misses: number;
  /** Answers in it now. */
  readonly entries: number;
}

export interface AskOptions {
  /** From `Reellog-After`: wait, bounded, until the read models have reached this position. */
  readonly after?: bigint;
  readonly signal?: AbortSignal;
}

/** A query with its parameters: can be asked again and again, by anybody. */
export interface Question {
  /** The answer if it is in the cache: at once, without a wait. */
  known(asker: Asker): Answered | undefined;
  /** @returns `undefined` when there is no such thing. @throws {ReadModelsUnavailable} {InvalidParameter} */
  ask(asker: Asker, options?: AskOptions): Promise<Answered | undefined>;
}

export interface Queries {
  question<Parameters extends TSchema, Result extends TSchema>(
    query: Query<Parameters, Result>,
    parameters: Static<Parameters>,
  ): Question;
  /** @returns `undefined` when there is no such thing. @throws {ReadModelsUnavailable} {InvalidParameter} */
  ask<Parameters extends TSchema, Result extends TSchema>(
    query: Query<Parameters, Result>,
    parameters: Static<Parameters>,
    asker: Asker,
    options?: AskOptions,
  ): Promise<Answered | undefined>;
  /**
   * Waits until these read models have reached a position.
   * @param limitMs at most so long, and never longer than for `Reellog-After`
   * @returns whether they have
   */
  shown(readModels: readonly string[], position: bigint, limitMs: number): Promise<boolean>;
  /** A read model of this process has reached a position; the keys are what changed on the way. */
  reached(name: string, position: bigint, keys: readonly string[]): void;
  cacheUse(): CacheUse;
  close(): void;
}

/** How long `Reellog-After` and `Prefer: wait` wait at most (SEMANTICS D6). */
export const LONGEST_WAIT_MS = 2_000;

/** What others than the log say changes without notice (SEMANTICS D10, D11). */
const FACTS_MS = 60_000;

export const createQueries = (dependencies: {
  readonly readModels: ServedReadModels;
  readonly notices: ChangeNotices;
  /** For questions that the log answers where the read models do not yet. */
  readonly log?: Pick<EventStore, 'readStream' | 'readsMayLag'>;
  /** What others know; without it answers are as the log has them. */
  readonly facts?: Facts;
  /** Default 10,000 answers, 5 minutes. */
  readonly cache?: { readonly entries: number; readonly ttlMs: number };
  /** How long to wait for a position at most, in milliseconds; default 2,000. */
  readonly waitMs?: number;
}): Queries => {
  const { readModels, notices, log, facts } = dependencies;
  const cache = new AnswerCache(dependencies.cache ?? { entries: 10_000, ttlMs: 300_000 });
  const positions = new ReachedPositions();
  let hits = 0;
  let misses = 0;
  const limitMs = dependencies.waitMs ?? LONGEST_WAIT_MS;

  const changed = (name: string, position: bigint, keys: readonly string[]): void => {
    // Dropped before the position is known: whoever waits for it must not be given an older answer.
    // The read model's own name stands for everything of it.
    if (keys.includes(name)) cache.clear();
    else cache.invalidate(keys);
    positions.reached(name, position);
  };

  const unfollow = notices.follow({
    onNotice: (notice) => {
      if ('reset' in notice) {
        cache.clear();
        positions.forget(notice.projection);
      } else {
        changed(notice.projection, BigInt(notice.position), notice.keys);
      }
    },
    onGap: () => {
      cache.clear();
      // A database that went down hard may have lost the last rows, and what they were made of is replayed.
      positions.forgetAll();
    },
  });

  const question = <Parameters extends TSchema, Result extends TSchema>(
    query: Query<Parameters, Result>,
    parameters: Static<Parameters>,
  ): Question => {
    const nameFor = namesOf(query, parameters);
    const sources = readModelsOf(query, parameters);
    const answered = (answer: Answer, position: bigint, stale: boolean): Answered => ({
      body: answer.body,
      bytes: answer.bytes,
      etag: answer.etag,
      ...{ position, stale },
    });
    const read = (name: string, asker: Asker): Promise<Answer | undefined> =>
      cache.read(name, query.dependsOn(parameters, asker), async () => {
        const shown = () => readWhole(() => query.read(parameters, asker, readModels.now()));
        const { readOfLog } = query;
        const result =
          readOfLog && log
            ? ((await ifMade(shown)) ?? (await readOfLog(parameters, asker, log)))
            : await shown();
        if (result === undefined) return undefined;
        const { withFacts } = query;
        if (!withFacts || !facts) return toAnswer(result);
        const complete = () =>
          withFacts(result, asker, facts, { parameters, readModels: readModels.now() });
        return { ...toAnswer(await readWhole(complete)), keepMs: FACTS_MS };
      });
    const shows = async (after: bigint, signal: AbortSignal | undefined): Promise<boolean> =>
      positions.of(sources) >= after ||
      positions.waitFor(sources, after, { limitMs, ...(signal ? { signal } : {}) });
    return {
      known: (asker) => {
        const answer = cache.get(nameFor(asker));
        if (!answer) return undefined;
        hits += 1;
        return answered(answer, positions.of(sources), false);
      },
      ask: async (asker, { after, signal } = {}) => {
        const inTime = after === undefined || (await shows(after, signal));
        const name = nameFor(asker);
        // Before it is read: what the read models reach meanwhile may not be in it.
        const position = positions.of(sources);
        const kept = cache.get(name);
        if (kept) hits += 1;
        else misses += 1;
        const answer = kept ?? (await read(name, asker));
        return answer && answered(answer, position, !inTime);
      },
    };
  };

  return {
    question,
    ask: (query, parameters, asker, options) => question(query, parameters).ask(asker, options),
    shown: (names, position, wantedMs) =>
      positions.waitFor(names, position, { limitMs: Math.min(wantedMs, limitMs) }),
    reached: changed,
    cacheUse: () => ({ hits, misses, entries: cache.size }),
    close: () => {
      unfollow();
    },
  };
};

/** Once more where what was being read was dropped, having been served from elsewhere for long. */
const readWhole = async <T>(read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ReadModelsMoved)) throw error;
    return read();
  }
};

/** Nothing where the read models are not made yet. */
const ifMade = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ReadModelsUnavailable)) throw error;
    return undefined;
  }
};

/** What an answer is kept under: all that it depends on beside the read models' rows. */
const namesOf = <Parameters extends TSchema, Result extends TSchema>(
  query: Query<Parameters, Result>,
  parameters: Static<Parameters>,
): ((asker: Asker) => string) => {
  const asked = `${query.name}|${JSON.stringify(parameters)}|`;
  const personal = isPersonal(query, parameters);
  return (asker) =>
    `${asked}${personal ? asker.userId : ''}|${query.variesBy ? query.variesBy(asker) : ''}`;
};

/** An answer ready to send. */
export const toAnswer = (result: unknown): Answer => {
  const body = JSON.stringify(result);
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return { body, bytes: Buffer.byteLength(body), etag: `"${hash}"` };
};
