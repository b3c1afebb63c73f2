import type { Logger } from 'pino';
import type { ChangeNotice, ChangeNotices } from '../../../queries/ports/changeNotices.js';
import type { Connection, Database, Queryable } from '../../postgres/database.js';
import type { Listening } from '../../postgres/listening.js';
import { pause } from '../../../commands/ports/waiting.js';

const CHANNEL = 'reellog_read_models';
/** PostgreSQL takes payloads of less than 8,000 bytes; the rest is for what surrounds the keys. */
const KEYS_BYTES = 7_800;
/** With more keys than this, everything of the read model is dropped instead. */
const MOST_KEYS = 1_000;
/** How long after an attempt to read how far the read models are the next one is made. */
const TELL_AGAIN_MS = 200;

/** Tells every process, when the transaction commits, how far the read model is and which keys changed. */
export const notifyChanged = async (
  tx: Connection,
  projection: string,
  step: { readonly from: bigint; readonly to: bigint },
  keys: readonly string[],
): Promise<void> => {
  await tx.query({
    name: 'read_models.notify',
    text: 'select pg_notify($1, payload) from unnest($2::text[]) with ordinality p (payload, nth) order by nth',
    values: [CHANNEL, payloadsOf(projection, step, keys)],
  });
};

/** The rows of a read model are in another schema now, and true at this position. */
export const notifyServed = async (
  tx: Queryable,
  { projection, schema, position }: Record<'projection' | 'schema', string> & { position: bigint },
): Promise<void> => {
  const notice: ChangeNotice = {
    ...{ projection, schema, position: position.toString() },
    keys: [projection],
  };
  await tx.query({ text: 'select pg_notify($1, $2)', values: [CHANNEL, JSON.stringify(notice)] });
};

export const notifyReset = async (tx: Connection, projection: string): Promise<void> => {
  const notice: ChangeNotice = { projection, reset: true };
  await tx.query({ text: 'select pg_notify($1, $2)', values: [CHANNEL, JSON.stringify(notice)] });
};

/**
 * Only the last notice tells the new position: whoever acts on it has heard all the keys. Notices of one
 * transaction are delivered in their order.
 */
const payloadsOf = (
  projection: string,
  { from, to }: { readonly from: bigint; readonly to: bigint },
  keys: readonly string[],
): readonly string[] => {
  const payload = (position: bigint, some: readonly string[]) =>
    JSON.stringify({ projection, position: position.toString(), keys: some });
  const chunks = keys.length > MOST_KEYS ? undefined : chunksOf(keys);
  // The read model's own name stands for everything of it.
  if (!chunks) return [payload(to, [projection])];
  return chunks.map((chunk, nth) => payload(nth === chunks.length - 1 ? to : from, chunk));
};

/** Keys divided so that each part fits in a payload; `undefined` when one key alone does not. */
const chunksOf = (keys: readonly string[]): readonly (readonly string[])[] | undefined => {
  const chunks: string[][] = [];
  let chunk: string[] = [];
  let bytes = 0;
  for (const key of keys) {
    const size = Buffer.byteLength(JSON.stringify(key)) + 1;
    if (size > KEYS_BYTES) return undefined;
    if (bytes + size > KEYS_BYTES) {
      chunks.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(key);
    bytes += size;
  }
  chunks.push(chunk);
  return chunks;
};

/**
 * Follows the notices of all processes. Having begun to listen, it tells how far every read model is now, as a
 * change of everything: what was notified before is not known.
 */
export const followChangeNotices = (
  database: Database,
  logger: Logger,
): ChangeNotices & Listening => {
  const followers = new Set<Parameters<ChangeNotices['follow']>[0]>();
  const tellAll = async (): Promise<void> => {
    const rows = await database.query<{ name: string; position: bigint; schema: string }>({
      text: 'select name, position, schema from projections.checkpoints',
    });
    for (const { name, position, schema } of rows) {
      const notice = { projection: name, position: position.toString(), keys: [name], schema };
      for (const follower of followers) follower.onNotice(notice);
    }
  };
  let telling = new AbortController();
  const stopTelling = (): void => {
    telling.abort();
  };
  /** Until it is told: until then nothing is known of read models that do not change. */
  const tellSurely = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await tellAll();
        return;
      } catch (error) {
        logger.warn({ err: error }, 'cannot tell how far the read models are: trying again');
        await pause(TELL_AGAIN_MS, signal);
      }
    }
  };
  const listening = database.listen([CHANNEL], {
    onNotification: (_, payload) => {
      try {
        const notice = JSON.parse(payload) as ChangeNotice;
        for (const follower of followers) follower.onNotice(notice);
      } catch (error) {
        logger.warn({ err: error }, 'a change notice could not be read');
      }
    },
    onListening: () => {
      for (const follower of followers) follower.onGap();
      stopTelling();
      telling = new AbortController();
      void tellSurely(telling.signal);
    },
    onLost: () => {
      stopTelling();
      for (const follower of followers) follower.onGap();
    },
  });
  return {
    follow: (follower) => {
      followers.add(follower);
      return () => followers.delete(follower);
    },
    close: () => {
      stopTelling();
      return listening.close();
    },
  };
};
