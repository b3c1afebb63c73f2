import { eventTypeFilter, type ResolvedEvent } from '@eventstore/db-client';
import type { Connection } from './client/connection.js';
import { openIncoming } from './reads/following.js';
import { asEventStoreError } from './client/storeErrors.js';

/** A stream of which an operator has taken something away on the server. */
export interface CutStream {
  readonly stream: string;
  readonly how: 'truncated' | 'deleted' | 'deleted for ever';
}

const CUTS = '^\\$(metadata|streamDeleted)$';
/** Of a metastream's name. */
const METASTREAM = '$$';
/** What a deletion that can be taken back writes to `$tb`. */
const ALL = 9_223_372_036_854_775_807n;

/** The streams of ours that were truncated (`$tb`, `$maxCount`, `$maxAge`) or deleted, as the server has it now. */
export const cutStreams = async (
  connection: Connection,
  streamPrefix: string,
  signal: AbortSignal,
): Promise<readonly CutStream[]> => {
  const found = new Map<string, CutStream['how']>();
  const { client } = connection.current();
  const incoming = openIncoming(() =>
    client.subscribeToAll({ filter: eventTypeFilter({ regex: CUTS }), requiresLeader: true }),
  );
  signal.addEventListener('abort', incoming.wake, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const woken = incoming.nextWake();
      for (let resolved = incoming.read(); resolved; resolved = incoming.read()) {
        note(found, resolved, streamPrefix);
      }
      if (incoming.isCaughtUp()) break;
      incoming.throwIfOver();
      await woken;
    }
  } catch (error) {
    throw signal.aborted ? error : asEventStoreError(error);
  } finally {
    signal.removeEventListener('abort', incoming.wake);
    await incoming.close();
  }
  return [...found].map(([stream, how]) => ({ stream, how })).sort(byName);
};

const note = (
  found: Map<string, CutStream['how']>,
  { event }: ResolvedEvent,
  streamPrefix: string,
): void => {
  if (!event) return;
  const isMetadata = event.streamId.startsWith(METASTREAM);
  const name = isMetadata ? event.streamId.slice(METASTREAM.length) : event.streamId;
  if (!name.startsWith(streamPrefix) || name.startsWith('$')) return;
  const stream = name.slice(streamPrefix.length);
  if (!isMetadata) {
    found.set(stream, 'deleted for ever');
    return;
  }
  const how = howCut(event.data);
  if (how) found.set(stream, how);
  else found.delete(stream);
};

const howCut = (metadata: unknown): CutStream['how'] | undefined => {
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const before: unknown = Reflect.get(metadata, '$tb');
  if (typeof before === 'number' && before >= Number(ALL)) return 'deleted';
  return ['$tb', '$maxCount', '$maxAge'].some((key) => Reflect.has(metadata, key))
    ? 'truncated'
    : undefined;
};

const byName = (a: CutStream, b: CutStream): number => (a.stream < b.stream ? -1 : 1);
