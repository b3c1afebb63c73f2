import type pg from 'pg';
import type { Database } from './database.js';
import { endConnection } from './endConnection.js';

/** An advisory lock, held until it is released or the session that holds it ends. */
export interface HeldLock {
  /** Aborts when the lock is lost: the session that held it ended. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** What locks are asked for: a number for what they are about, and a name. */
export interface LockName {
  readonly space: number;
  readonly name: string;
  /** Held by any number at once; whoever wants it alone has to wait for them. */
  readonly shared?: boolean;
}

/**
 * A lock that is free is had at once: a session that says nothing for so long, in milliseconds, is lost. It is
 * asked for a sign of life as often. PostgreSQL ends it when it has heard nothing for three times as long: of a
 * machine or a network that is gone it is not told, and nobody else could have its locks for hours.
 */
export const LOCK_ANSWER_MS = 5_000;
const UNHEARD = 3;

/**
 * One session that holds the advisory locks of this process: PostgreSQL frees them when it ends, however it
 * ends. Opened when it is first needed, and again when it was lost.
 */
export class LockSession {
  readonly #database: Database;
  readonly #answerMs: number;
  #current: Promise<OpenSession> | undefined;
  /** A connection runs one statement at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(database: Database, answerMs = LOCK_ANSWER_MS) {
    this.#database = database;
    this.#answerMs = answerMs;
  }

  /** Takes a lock, or `undefined` when somebody has it, be it in this process. */
  async tryLock({ space, name, shared = false }: LockName): Promise<HeldLock | undefined> {
    const session = await (this.#current ??= this.#open());
    const mode = shared ? '_shared' : '';
    const values = [space, name];
    // PostgreSQL would give a session what it has already once more.
    const key = `${space} ${name}`;
    if (!shared && session.held.has(key)) return undefined;
    if (!shared) session.held.add(key);
    const [row] = await this.#ask(
      session,
      `select pg_try_advisory_lock${mode}($1, hashtext($2)) as held`,
      values,
    );
    if (row?.held !== true) {
      if (!shared) session.held.delete(key);
      return undefined;
    }
    return {
      lost: session.ended.signal,
      release: async () => {
        if (session.ended.signal.aborted) return;
        const unlock = `select pg_advisory_unlock${mode}($1, hashtext($2)) as held`;
        await this.#ask(session, unlock, values);
        if (!shared) session.held.delete(key);
      },
    };
  }

  async close(): Promise<void> {
    const session = await this.#current?.catch(() => undefined);
    if (!session) return;
    await endConnection(session.client);
  }

  #ask(
    session: OpenSession,
    text: string,
    values: readonly unknown[],
  ): Promise<readonly { held: boolean }[]> {
    const answer = this.#turn.then(async () => {
      try {
        const statement = { text, values: [...values], query_timeout: this.#answerMs };
        const { rows } = await session.client.query<{ held: boolean }>(statement);
        return rows;
      } catch (error) {
        // What it holds by now is not known: it ends, and its locks with it.
        session.end();
        throw error;
      }
    });
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  #open(): Promise<OpenSession> {
    const opening = this.#connect(() => {
      // Only this session: by now there may be the next.
      if (this.#current === opening) this.#current = undefined;
    });
    return opening;
  }

  async #connect(forget: () => void): Promise<OpenSession> {
    try {
      const client = await this.#database.session();
      const ended = new AbortController();
      const end = () => {
        forget();
        clearInterval(signs);
        if (ended.signal.aborted) return;
        ended.abort();
        void endConnection(client);
      };
      client.once('end', end);
      client.once('error', end);
      const session = { client, ended, end, held: new Set<string>() };
      const signs = setInterval(() => {
        this.#ask(session, 'select true as held', []).catch(() => undefined);
      }, this.#answerMs);
      await this.#ask(
        session,
        `select set_config('idle_session_timeout', $1, false) is not null as held`,
        [String(UNHEARD * this.#answerMs)],
      );
      return session;
    } catch (error) {
      forget();
      throw error;
    }
  }
}

interface OpenSession {
  readonly client: pg.Client;
  /** Aborts when the session has ended. */
  readonly ended: AbortController;
  readonly end: () => void;
  /** The locks that it has for itself alone. */
  readonly held: Set<string>;
}
