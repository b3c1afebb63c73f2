import type { Static, TSchema } from 'typebox';
import { endOfDay, localDateOf } from '../../domain/time/localTime.js';
import { AnswerCache, type Answer } from './answerCache.js';
import { InvalidParameter } from './cursor.js';
import { AS_OF, type Moment } from './moment.js';
import {
  PastUnavailable,
  type PastReadModels,
  type ReadModelsThen,
} from '../ports/pastReadModels.js';
import { toAnswer } from '../queries.js';
import { isPersonal, type Asker, type Query } from '../query.js';

/** What a question would have been answered then. */
export interface AnsweredThen extends Answer {
  /** The position that it is true at. */
  readonly position: bigint;
  /** Nothing that is yet to come changes the answer to the same question of the same moment. */
  readonly settled: boolean;
}

/** Answers questions as of a moment of the past. */
export interface AsOfQueries {
  /**
   * @returns `undefined` when there was no such thing.
   * @throws {InvalidParameter} the moment is yet to come, or what the query throws
   * @throws {PastUnavailable} {ReadModelsUnavailable} {EventStoreError}
   */
  ask<Parameters extends TSchema, Result extends TSchema>(
    query: Query<Parameters, Result>,
    parameters: Static<Parameters>,
    moment: Moment,
    asker: Asker,
    options?: { readonly signal?: AbortSignal },
  ): Promise<AnsweredThen | undefined>;
}

export const createAsOfQueries = (dependencies: {
  readonly past: PastReadModels;
  /** Default 500 answers, 5 minutes. */
  readonly cache?: { readonly entries: number; readonly ttlMs: number };
  /** How long an answer may take to make, in milliseconds. */
  readonly limitMs: number;
}): AsOfQueries => {
  const { past, limitMs } = dependencies;
  // Apart from what is true now: nothing that happens drops these.
  const cache = new AnswerCache(dependencies.cache ?? { entries: 500, ttlMs: 300_000 });

  const ask = async <Parameters extends TSchema, Result extends TSchema>(
    query: Query<Parameters, Result>,
    parameters: Static<Parameters>,
    moment: Moment,
    asker: Asker,
    signal: AbortSignal,
  ): Promise<AnsweredThen | undefined> => {
    const { position, now, settled } = await placeOf(past, moment, asker, signal);
    const then: Asker = { ...asker, now };
    const name = JSON.stringify([
      ...[query.name, parameters, String(position), query.variesBy?.(then)],
      isPersonal(query, parameters) ? asker.userId : undefined,
    ]);
    const make = async (): Promise<Answer | undefined> => {
      const result = await past.at(
        position,
        (models) => readThen(query, parameters, then, models),
        { who: asker.userId, signal },
      );
      return result === undefined ? undefined : toAnswer(result);
    };
    const answer = cache.get(name) ?? (await sharing(cache, name, make, signal));
    return answer && { ...answer, position, settled };
  };

  return {
    ask: async (query, parameters, moment, asker, { signal } = {}) => {
      const limit = AbortSignal.timeout(limitMs);
      const signals = AbortSignal.any(signal ? [signal, limit] : [limit]);
      try {
        return await ask(query, parameters, moment, asker, signals);
      } catch (error) {
        if (!limit.aborted || signal?.aborted) throw error;
        throw new PastUnavailable('There is too much to read for an answer in time.', {
          cause: error,
        });
      }
    },
  };
};

/** An answer that somebody else is waiting for already is shared; unless whoever began to make it has gone. */
const sharing = async (
  cache: AnswerCache,
  name: string,
  make: () => Promise<Answer | undefined>,
  signal: AbortSignal,
): Promise<Answer | undefined> => {
  for (;;) {
    const begun = { here: false };
    try {
      return await cache.read(name, [], () => {
        begun.here = true;
        return make();
      });
    } catch (error) {
      if (begun.here || signal.aborted) throw error;
    }
  }
};

/** Makes the read models that the query reads, one by one, and reads its answer there. */
const readThen = async <Parameters extends TSchema, Result extends TSchema>(
  query: Query<Parameters, Result>,
  parameters: Static<Parameters>,
  asker: Asker,
  then: ReadModelsThen,
): Promise<Static<Result> | undefined> => {
  for (const { streams, ...source } of query.sources?.(parameters, asker) ?? []) {
    if (typeof streams !== 'function') await then.make({ ...source, streams });
    else {
      const soFar = await query.read(parameters, asker, then);
      if (soFar !== undefined) await then.make({ ...source, streams: streams(soFar) });
    }
  }
  return query.read(parameters, asker, then);
};

/** Where a moment is in the log, and what time it is then. */
interface Place {
  readonly position: bigint;
  readonly now: Date;
  /** No event is yet to come that belongs before the moment. */
  readonly settled: boolean;
}

const placeOf = async (
  past: PastReadModels,
  moment: Moment,
  asker: Asker,
  signal: AbortSignal,
): Promise<Place> => {
  switch (moment.kind) {
    case 'position': {
      const { position } = moment;
      const head = await past.head(signal);
      if (position > head) {
        throw new InvalidParameter(AS_OF, `is after the end of the log, which is at ${head}`);
      }
      const now = (await past.timeAt(position, signal)) ?? asker.now;
      return { position, now, settled: true };
    }
    case 'instant':
      if (moment.at > asker.now) throw new InvalidParameter(AS_OF, 'is in the future');
      return atTime(past, moment.at, signal);
    case 'day': {
      if (moment.date > localDateOf(asker.now.toISOString(), asker.zone)) {
        throw new InvalidParameter(AS_OF, 'is in the future');
      }
      const end = new Date(endOfDay(moment.date, asker.zone));
      return atTime(past, end < asker.now ? end : asker.now, signal);
    }
    default:
      return moment satisfies never;
  }
};

const atTime = async (past: PastReadModels, now: Date, signal: AbortSignal): Promise<Place> => {
  const position = await past.positionAt(now, signal);
  // What was recorded since has a later time, and so has all that is yet to come.
  return { position, now, settled: position < (await past.head(signal)) };
};
