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
  await refuseGone(pair, state);
  if (state.fault !== undefined) await noteFault(database, pair.mirror, null);
};

/** @throws {EventStoreError} `past-gone` */
export const refuseGone = async (pair: Pair, state: Pick<MirrorState, 'last'>): Promise<void> => {
  const gone = await whatIsGone(pair, state);
  if (gone !== undefined) throw failure({ kind: 'past-gone' }, gone);
};

/**
 * Holds the log that is opened against the one that the read models follow: where that is mirrored here, another one
 * is opened only if it was copied there, or an operator has decided so.
 * @throws {EventStoreError} `past-gone`
 */
export const requireSameLog = async (database: Database, server: string): Promise<void> => {
  const [before] = await database.query<{ server: string; schema: string }>({
    text: `select m.server, 'mirror_' || m.id as schema
           from log.mirrors m join projections.followed_log f
             on f.log = case m.generation when 1 then m.server else m.server || '#' || m.generation end
           where m.serves and m.server <> $1
             and not exists (select from projections.moved_checkpoints c
                             where c.from_log = f.log and c.to_log = $1)
             and not exists (select from projections.unfinished_copies u where u.to_log = $1)`,
    values: [server],
  });
  if (!before) return;
  const { last } = await mirrorState(database, { tables: { schema: before.schema } });
  if (last) throw failure({ kind: 'past-gone' }, anotherLog(server, before.server));
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
    return anotherLog(server ?? 'which is empty', mirror.server);
  }
  if (!last || (await log.places.idAt(last, signal)) === last.id) return undefined;
  return (
    `EventStoreDB has lost a part of the log: the event ${last.id} is not at position ${last.commit} any more, as after ` +
    `a backup was restored. ${WHAT_TO_DO}`
  );
};

const anotherLog = (server: string, mirrored: string): string =>
  `EventStoreDB holds another log (${server}) than the one mirrored here (${mirrored}). See that REELLOG_EVENTSTORE_URL ` +
  `and REELLOG_EVENTSTORE_STREAM_PREFIX are as they were. ${WHAT_TO_DO}`;
