import type { Database } from '../../postgres/database.js';
import type { EventStoreDbLog } from '../eventstoredb/eventStoreDbLog.js';
import { failure } from '../failure.js';
import { mirrorState, noteFault, type Mirror, type MirrorState } from './mirrorTable.js';

const WHAT_TO_DO =
  'Nothing is read or written until that is settled: bring back the server that has it, or, to go on without, stop ' +
  'Reellog and run "reellog log mirror --anew", which builds the mirror and the read models again from the server.';

/** A mirror and its server. */
interface Pair {
  readonly log: Pick<EventStoreDbLog, 'places' | 'identityNow'>;
  readonly mirror: Mirror;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Holds a mirror that is opened against its server; what was found before may have been put right since.
 * @throws {EventStoreError} `past-gone`
 */
export const requirePast = async (database: Database, pair: Pair): Promise<void> => {
  const state = await mirrorState(database, pair.mirror);
  const gone = await whatIsGone(pair, state);
  if (gone !== undefined) throw failure({ kind: 'past-gone' }, gone);
  if (state.fault !== undefined) await noteFault(database, pair.mirror, null);
};

/**
 * Whether the server still has the past that a mirror has: the last event is looked for by its id where it stood, and
 * the log must be the same. A server restored from an older backup has neither events nor positions that were given.
 * @returns what is wrong and what to do; `undefined` where all is well
 */
export const whatIsGone = async (
  { log, mirror, signal }: Pair,
  { last }: Pick<MirrorState, 'last'>,
): Promise<string | undefined> => {
  const server = await log.identityNow(signal);
  if (server !== mirror.server) {
    return `EventStoreDB holds another log (${server ?? 'which is empty'}) than the one mirrored here (${mirror.server}). ${WHAT_TO_DO}`;
  }
  if (!last || (await log.places.idAt(last, signal)) === last.id) return undefined;
  return (
    `EventStoreDB has lost a part of the log: the event ${last.id} is not at position ${last.commit} any more, as after ` +
    `a backup was restored. ${WHAT_TO_DO}`
  );
};
