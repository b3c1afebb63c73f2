import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type {
  LogBatch,
  LogPage,
  SubscribeToAllOptions,
} from '../../../../commands/ports/eventStore.js';
import type { Database } from '../../../postgres/database.js';
import type { Listening } from '../../../postgres/listening.js';
import { readLogPage } from './logPages.js';
import type { LogTables } from '../logTables.js';
import { wants } from '../../logFilter.js';
import { within } from '../../within.js';

/** The safety net under notifications. */
const POLL_MS = 1_000;
/** After a failed read; the next attempts double it up to `POLL_MS`. */
const RETRY_MS = 50;
const DEFAULT_BATCH = 1_000;
/** Pages kept for the other subscriptions that stand at the same place. */
const SHARED_PAGES = 16;

/**
 * The one reader of the log in this process. Subscriptions pull pages from it; those that stand at the same
 * place share one read. Wakes on its own commits, on notifications from other processes, and on a poll.
 */
export class LogTail {
  readonly #database: Database;
  readonly #tables: LogTables;
  readonly #logger: Logger;
  readonly #pages = new LRUCache<string, Promise<LogPage>>({ max: SHARED_PAGES });
  readonly #waiting = new Set<() => void>();
  #listening: Listening | undefined;
  /** The newest position this process knows of: a page that ends there is complete. */
  #head = 0n;

  constructor(database: Database, tables: LogTables, logger: Logger) {
    this.#database = database;
    this.#tables = tables;
    this.#logger = logger;
  }

  /** The log has grown to here. */
  advance(position: bigint): void {
    if (position <= this.#head) return;
    this.#head = position;
    this.#wake();
  }

  async *subscribe(options: SubscribeToAllOptions): AsyncGenerator<LogBatch, void> {
    const { signal, filter } = options;
    const batchSize = options.batchSize ?? DEFAULT_BATCH;
    this.#listening ??= this.#listen();
    let after = options.after;
    let said = false;
    let retry = RETRY_MS;
    const isAborted = () => signal.aborted;
    while (!isAborted()) {
      const woken = this.#nextWake();
      let page: LogPage;
      try {
        page = await within(() => this.#page(after, batchSize), signal);
        retry = RETRY_MS;
      } catch (error) {
        if (!isAborted()) {
          this.#logger.warn({ err: error, after }, 'cannot read the log: trying again');
        }
        await woken.orAfter(retry, signal);
        retry = Math.min(retry * 2, POLL_MS);
        continue;
      }
      if (page.position > after) {
        const from = after;
        after = page.position;
        said = page.end;
        woken.cancel();
        const events = filter ? page.events.filter((event) => wants(filter, event)) : page.events;
        yield { events, after: from, position: after, caughtUp: page.end };
      } else if (!said) {
        said = true;
        woken.cancel();
        yield { events: [], after, position: after, caughtUp: true };
      } else {
        await woken.orAfter(POLL_MS, signal);
      }
    }
  }

  async close(): Promise<void> {
    await this.#listening?.close();
    this.#wake();
  }

  #listen(): Listening {
    return this.#database.listen([this.#tables.channel], {
      onNotification: (_, payload) => {
        if (/^\d+$/.test(payload)) this.advance(BigInt(payload));
      },
      onListening: () => {
        this.#wake();
      },
    });
  }

  /** A page is immutable once full, and for the rest as long as the log does not grow. */
  async #page(after: bigint, maxCount: number): Promise<LogPage> {
    const key = `${after}:${maxCount}`;
    const shared = this.#pages.get(key);
    if (shared) {
      const page = await shared.catch(() => undefined);
      if (page && (page.events.length >= maxCount || page.position >= this.#head)) {
        if (page.position > after) return page;
      }
    }
    const read = readLogPage(this.#database, this.#tables, { after, maxCount });
    this.#pages.set(key, read);
    try {
      const page = await read;
      this.advance(page.position);
      return page;
    } catch (error) {
      this.#pages.delete(key);
      throw error;
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Registered before the page is read, so that no commit in between is missed. */
  #nextWake(): { cancel: () => void; orAfter: (ms: number, signal: AbortSignal) => Promise<void> } {
    let resolve: () => void = () => undefined;
    const woken = new Promise<void>((done) => {
      resolve = done;
    });
    const wake = () => {
      this.#waiting.delete(wake);
      resolve();
    };
    this.#waiting.add(wake);
    return {
      cancel: wake,
      orAfter: async (ms, signal) => {
        const timer = setTimeout(wake, ms);
        signal.addEventListener('abort', wake, { once: true });
        if (signal.aborted) wake();
        await woken;
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
      },
    };
  }
}
