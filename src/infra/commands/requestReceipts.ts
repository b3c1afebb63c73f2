import { hkdfSync } from 'node:crypto';
import { CommandRejected } from '../../commands/command.js';
import { keyReused } from '../../commands/handling/idempotency.js';
import type { KeyedRequest } from '../../commands/ports/commandReceipts.js';
import { createSerialiser, type Serialise } from '../../commands/handling/serialise.js';
import { isSealed, seal, unseal } from '../eventstore/privacy/personalText.js';
import { sqlState } from '../postgres/databaseErrors.js';
import type { Connection, Database } from '../postgres/database.js';
import { turnOf } from './commandReceipts.js';

/** Does requests that are no commands, such as making a token, once for each idempotency key. */
export interface RequestReceipts {
  /**
   * Runs the first request under a key, and gives its answer to all that follow. Those that come at the same time
   * wait for it, in every process. What `run` throws leaves the key free.
   * @param token of the request: the answer is stored encrypted with it, so that no token is in the database
   * @throws {CommandRejected} `idempotency-key-reused`, or `contended` when it would have to wait for too long
   */
  once(request: KeyedRequest, token: string, run: () => Promise<unknown>): Promise<unknown>;
}

/** How long a request waits for another process that has its key. */
const WAIT_MS = 10_000;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * They share the receipts of commands, so that a key stands for one request of either kind.
 * @param options.turns shared with the commands of this process
 */
export const createRequestReceipts = (
  database: Database,
  options: { readonly waitMs?: number; readonly turns?: Serialise } = {},
): RequestReceipts => {
  const { waitMs = WAIT_MS, turns = createSerialiser() } = options;
  // One at a time: each holds a connection while it runs, and needs others.
  const inTurn = createSerialiser();
  return {
    once: (request, token, run) => {
      const doOnce = () =>
        database.transaction(async (tx) => {
          // Held until the end, so that it is gone if the process is.
          const earlier = await claim(tx, request, waitMs);
          if (earlier) return opened(earlier.answer, request, token);
          const answer = await run();
          await settle(tx, request, JSON.stringify(answer ?? null), token);
          return answer;
        });
      return inTurn('', () => turns(turnOf(request), doOnce));
    },
  };
};

/** @returns what was answered under the key; `undefined` when nothing was, and the key is claimed */
const claim = async (
  tx: Connection,
  { userId, key, fingerprint }: KeyedRequest,
  waitMs: number,
): Promise<{ readonly answer: unknown } | undefined> => {
  await tx.query({ text: `set local lock_timeout = ${waitMs}` });
  const claimed = await tx
    .query({
      text: `insert into command_receipts (user_id, key, fingerprint, ids_by_key_alone)
             values ($1, $2, decode($3, 'hex'), false) on conflict do nothing returning 1`,
      values: [userId, key, fingerprint],
    })
    .catch((error: unknown) => {
      throw sqlState(error) === LOCK_NOT_AVAILABLE ? underWay({ cause: error }) : error;
    });
  await tx.query({ text: 'set local lock_timeout to default' });
  if (claimed.length > 0) return undefined;
  const [row] = await tx.query<{ same: boolean; answer: unknown }>({
    text: `select fingerprint = decode($3, 'hex') as same, outcome -> 'answer' as answer
           from command_receipts where user_id = $1 and key = $2`,
    values: [userId, key, fingerprint],
  });
  // Released in this moment.
  if (!row) throw underWay();
  if (!row.same) throw keyReused();
  return row;
};

const settle = async (
  tx: Connection,
  request: KeyedRequest,
  answer: string,
  token: string,
): Promise<void> => {
  const { userId, key } = request;
  await tx.query({
    text: `update command_receipts set outcome = $3 where user_id = $1 and key = $2`,
    values: [
      ...[userId, key],
      JSON.stringify({ answer: seal(answer, encryptionKey(request, token), userId) }),
    ],
  });
};

const opened = (answer: unknown, request: KeyedRequest, token: string): unknown => {
  if (!isSealed(answer)) throw keyReused();
  let text: string;
  try {
    text = unseal(answer, encryptionKey(request, token), request.userId);
  } catch (error) {
    throw keyReused({
      message:
        'This request was answered to another of your tokens, and only that one gets the answer again. Use a new key.',
      cause: error,
    });
  }
  return JSON.parse(text);
};

/** A token is 256 random bits, of which the database has a hash alone (RFC 5869). */
const encryptionKey = ({ userId, key, fingerprint }: KeyedRequest, token: string): Buffer =>
  Buffer.from(hkdfSync('sha256', token, userId, `answer:${fingerprint}:${key}`, 32));

const underWay = (options?: ErrorOptions): CommandRejected =>
  new CommandRejected(
    {
      kind: 'contended',
      code: 'contended',
      message: 'A request under this Idempotency-Key is under way. Try again in a moment.',
    },
    options,
  );
