import type { Logger } from 'pino';
import type { ChangeNotice, ChangeNotices } from '../../queries/ports/changeNotices.js';
import type { Connection, Database } from '../postgres/database.js';
import type { Listening } from '../postgres/listening.js';

const CHANNEL = 'reellog_read_models';
/** PostgreSQL takes payloads of less than 8,000 bytes. */
const PAYLOAD_BYTES = 7_900;
/** With more keys than this, everything of the read model is dropped instead. */
const MOST_KEYS = 1_000;

/** Tells every process, when the transaction commits, which keys changed. */
export const notifyChanged = async (
  tx: Connection,
  projection: string,
  position: bigint,
  keys: readonly string[],
): Promise<void> => {
  if (keys.length === 0) return;
  const payloads = payloadsOf(projection, position, keys);
  await tx.query({
    name: 'read_models.notify',
    text: 'select pg_notify($1, payload) from unnest($2::text[]) payload',
    values: [CHANNEL, payloads],
  });
};

export const notifyReset = async (tx: Connection, projection: string): Promise<void> => {
  const notice: ChangeNotice = { projection, reset: true };
  await tx.query({ text: 'select pg_notify($1, $2)', values: [CHANNEL, JSON.stringify(notice)] });
};

const payloadsOf = (
  projection: string,
  position: bigint,
  keys: readonly string[],
): readonly string[] => {
  const payload = (some: readonly string[]) =>
    JSON.stringify({ projection, position: position.toString(), keys: some });
  // The read model's own name stands for everything of it.
  if (keys.length > MOST_KEYS) return [payload([projection])];
  const payloads: string[] = [];
  let chunk: string[] = [];
  let bytes = 100;
  for (const key of keys) {
    if (bytes + key.length + 3 > PAYLOAD_BYTES) {
      payloads.push(payload(chunk));
      chunk = [];
      bytes = 100;
    }
    chunk.push(key);
    bytes += Buffer.byteLength(key) + 3;
  }
  payloads.push(payload(chunk));
  return payloads;
};

/** Follows the notices of all processes. */
export const followChangeNotices = (
  database: Database,
  logger: Logger,
): ChangeNotices & Listening => {
  const followers = new Set<Parameters<ChangeNotices['follow']>[0]>();
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
    },
    onLost: () => {
      for (const follower of followers) follower.onGap();
    },
  });
  return {
    follow: (follower) => {
      followers.add(follower);
      return () => followers.delete(follower);
    },
    close: () => listening.close(),
  };
};
