import { EventEmitter } from 'node:events';
import {
  Logger as QueueLogger,
  makeWorkerUtils,
  run,
  type JobHelpers,
  type Runner,
  type WorkerEvents,
} from 'graphile-worker';
import pg from 'pg';
import type { Logger } from 'pino';
import { HopelessWork, type Work, type WorkQueue } from '../../../commands/ports/workQueue.js';
import type { Database } from '../../postgres/database.js';
import { settleSession } from '../../postgres/pool/sessionSettings.js';
import { deadWorkers, sayAlive } from './deadWorkers.js';
import type { Task } from './task.js';
import { QUEUE_SCHEMA } from './waitingWork.js';

/** The queue of a service. */
export interface OpenWorkQueue extends WorkQueue {
  /** From now on this process does work of the queue. */
  start(): Promise<void>;
  /** Begins nothing more; what is in hand is stopped, and done again by whoever comes next. */
  close(): Promise<void>;
}

const AT_ONCE = 4;
/** One piece of work takes no longer, unless its task says so. */
const WORK_MS = 60_000;
/** What fails is tried again after e, e², … seconds, at most six hours: for some four days. */
const ATTEMPTS = 25;
/** The priority of work that waits until there is no other; the least is done first. */
const BEHIND = 10;
const STATEMENT_MS = 30_000;
/** How often it is looked for work whose process died. */
const DEAD_MS = 20_000;

/** The queue of graphile-worker, in a schema of its own of the same database. */
export const openWorkQueue = async ({
  database,
  connectionString,
  logger,
  tasks,
}: {
  readonly database: Database;
  readonly connectionString: string;
  readonly logger: Logger;
  /** What this process does of the queue's work; other kinds are left to other processes. */
  readonly tasks: readonly Task[];
}): Promise<OpenWorkQueue> => {
  const pool = new pg.Pool({
    connectionString,
    // One of them listens for new work.
    max: AT_ONCE + 1,
    application_name: 'reellog work queue',
    keepAlive: true,
    verify: (client, done) => {
      settleSession(client, { statementMs: STATEMENT_MS, idleInTransactionMs: STATEMENT_MS }).then(
        () => {
          done();
        },
        (error: unknown) => {
          done(error instanceof Error ? error : new Error(String(error)));
        },
      );
    },
  });
  // A connection that ends while nobody uses it is no event for anyone: the next use opens another.
  const ended = (error: Error): void => {
    logger.debug({ err: error }, 'a connection of the work queue ended');
  };
  pool.on('error', ended);
  pool.on('connect', (client) => {
    client.on('error', ended);
  });
  const options = { pgPool: pool, schema: QUEUE_SCHEMA, logger: loggerOf(logger) };
  // It brings its tables up to date.
  const utils = await makeWorkerUtils(options).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  let runner: Runner | undefined;
  let looking: NodeJS.Timeout | undefined;
  const events: WorkerEvents = new EventEmitter();
  // The one session that a process which does work has all the time.
  events.on('pool:listen:success', ({ client, workerPool }) => {
    sayAlive(client, workerPool.id).catch(ended);
  });
  const closing = new AbortController();

  const add: WorkQueue['add'] = async (work, { behind = false } = {}) => {
    if (work.length === 0) return;
    await utils.addJobs(
      [...new Map(work.map((one) => [keyOf(one), one]))].map(([jobKey, { kind, ...about }]) => ({
        identifier: kind,
        payload: about,
        jobKey,
        maxAttempts: ATTEMPTS,
        priority: behind ? BEHIND : 0,
      })),
    );
  };

  const doing = async (task: Task, payload: unknown, helpers: JobHelpers): Promise<void> => {
    const limit = AbortSignal.timeout(task.limitMs ?? WORK_MS);
    const work = task.run(payload, AbortSignal.any([closing.signal, limit]), { add });
    const outcome = await work.catch(async (error: unknown) => {
      if (error instanceof HopelessWork) await forGood(helpers);
      throw error;
    });
    logger.debug({ kind: task.kind, about: payload, outcome }, 'work of the queue is done');
  };

  /** Without it the library leaves work whose process died alone for four hours. */
  const freeDeadWork = async (): Promise<void> => {
    try {
      const dead = await deadWorkers(database);
      if (dead.length === 0) return;
      await utils.forceUnlockWorkers([...dead]);
      logger.warn({ workers: dead }, 'work of processes that died is in the queue again');
    } catch (error) {
      logger.debug({ err: error }, 'work of processes that died could not be looked for');
    }
  };

  return {
    add,
    start: async () => {
      runner = await run({
        ...options,
        events,
        concurrency: AT_ONCE,
        noHandleSignals: true,
        // It would read a file of that name.
        parsedCronItems: [],
        taskList: Object.fromEntries(
          tasks.map((task) => [
            task.kind,
            (payload: unknown, helpers: JobHelpers) => doing(task, payload, helpers),
          ]),
        ),
      });
      looking = setInterval(() => void freeDeadWork(), DEAD_MS).unref();
      await freeDeadWork();
    },
    close: async () => {
      clearInterval(looking);
      // First: what the library itself ends it does not write down, and takes for work in hand for hours.
      closing.abort();
      await runner?.stop();
      await utils.release();
      await pool.end();
    },
  };
};

/** Makes this attempt at a piece of work the last one. The library has no function for work that is in hand. */
const forGood = (helpers: JobHelpers): Promise<unknown> =>
  helpers.query(`update ${QUEUE_SCHEMA}._private_jobs set max_attempts = attempts where id = $1`, [
    helpers.job.id,
  ]);

/** Of the same kind and about the same: one piece of work. */
const keyOf = ({ kind, ...about }: Work): string =>
  [kind, ...Object.values<string | number>(about)].join(':');

/** The levels of what somebody may have to do something about. */
const LOUD: readonly string[] = ['error', 'warning'];

/** What the queue says of itself, as one of our lines; of work that failed whoever does it tells. */
const loggerOf = (logger: Logger): QueueLogger =>
  new QueueLogger((scope) => (level, message, meta) => {
    const isLoud = LOUD.includes(level) && meta?.failure !== true;
    logger[isLoud ? 'warn' : 'debug']({ ...scope, ...meta }, message);
  });
