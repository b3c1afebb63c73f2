import type { EventStore, RecordedEvent } from '../../src/commands/ports/eventStore.js';
import { accountStream, derivedId, viewingStream } from '../../src/domain/streams.js';
import { OWNER_ID } from '../../src/infra/auth/owner.js';
import { openReellog, type Reellog } from '../../src/infra/composition/service.js';
import { openLog } from '../../src/infra/composition/storage.js';
import { configFrom } from '../../src/infra/config/config.js';
import { toPostgres } from '../../src/infra/eventstore/copy/toPostgres.js';
import { createPostgresEventStore } from '../../src/infra/eventstore/postgres/postgresEventStore.js';
import { quiet } from '../measuring/temporaryServer.js';

/** A person with 100,000 watches: of every film in turn, at the times at which all of MovieLens watched one. */
export const HEAVY_ID = derivedId('bench:heavy');
/** A person with 100: every thousandth of the same. */
export const SMALL_ID = derivedId('bench:small');
/** A person with 10,000 events: the first 5,000 of the same, each film rated when it was watched. */
export const MIDDLE_ID = derivedId('bench:middle');

const HEAVY_PLAYS = 100_000;
const SMALL_PLAYS = 100;
const MIDDLE_PLAYS = 5_000;
const PAGE = 5_000;
const LIMIT_MS = 10 * 60_000;

/**
 * Makes a log as long as wanted in a new data folder from the history of MovieLens in another: first that history
 * itself, then that of people who differ in the length of their histories, and then the same again and again for
 * people of other names.
 */
export const makeLongLog = async (
  wanted: number,
  from: string,
  dataDir: string,
  report: (progress: string) => void,
): Promise<void> => {
  const source = await openLog(configFrom({ REELLOG_DATA_DIR: from }), { logger: quiet });
  try {
    const config = configFrom({ REELLOG_DATA_DIR: dataDir });
    const reellog = await openReellog(config, { logger: quiet, makes: true });
    try {
      await register(reellog, HEAVY_ID, 'Heavy');
      await register(reellog, SMALL_ID, 'Small');
      await register(reellog, MIDDLE_ID, 'Middle');
      await fill(reellog, wanted, source.log, report);
    } finally {
      await reellog.close();
    }
  } finally {
    await source.close();
  }
};

const register = async ({ execute }: Reellog, userId: string, displayName: string) => {
  const data = { userId, displayName, timezone: 'UTC' };
  const actor = { userId: OWNER_ID, role: 'owner' } as const;
  await execute({ name: 'RegisterAccount', data, actor });
};

const fill = async (
  { database }: Reellog,
  wanted: number,
  source: EventStore,
  report: (progress: string) => void,
): Promise<void> => {
  const log = createPostgresEventStore({ database, logger: quiet });
  const target = toPostgres(log, database);
  const signal = AbortSignal.timeout(LIMIT_MS);
  const end = await source.headPosition();
  const read = (after: bigint) => source.readAll({ after, maxCount: PAGE, signal });
  let head = await log.headPosition();
  /** A play of each film, in the order in which they were first watched. */
  const films = new Map<string, RecordedEvent>();
  for (let time = 0; Number(head) < wanted; time += 1) {
    const again = time === 0 ? asItWas(films) : time === 1 ? toTheFew(films) : toOthers(time);
    let page = await read(0n);
    for (let more = true; more;) {
      const fitting = page.events.flatMap(again).slice(0, wanted - Number(head));
      more = page.position < end && Number(head) + fitting.length < wanted;
      // The next is read while these are written: there are two servers.
      [page] = await Promise.all([
        more ? read(page.position) : page,
        fitting.length > 0 ? target.write(fitting, head, { signal }) : undefined,
      ]);
      head += BigInt(fitting.length);
    }
    report(`${head} of ${wanted} events written`);
  }
  await log.close();
};

/** What an event of the source becomes. */
type Again = (event: RecordedEvent) => readonly RecordedEvent[];

/** The owner is there already. */
const asItWas =
  (films: Map<string, RecordedEvent>): Again =>
  (event) => {
    const film = String(event.data.titleId);
    if (event.type === 'MovieWatched' && !films.has(film)) films.set(film, event);
    return event.stream === accountStream(OWNER_ID) ? [] : [event];
  };

const isViewing = ({ stream }: RecordedEvent): boolean => stream.startsWith('viewing-');

/**
 * At the time of every play the heavy person watches the next film, and every thousandth time the small one does; at
 * the first 5,000 the middle one does, and rates it.
 */
const toTheFew = (plays: ReadonlyMap<string, RecordedEvent>): Again => {
  const films = [...plays.values()];
  const revisions = new Map<string, bigint>();
  let watches = 0;
  const to = (userId: string, event: RecordedEvent): RecordedEvent => {
    const { titleId, snapshot } = films[watches % films.length]?.data ?? {};
    const about = event.type === 'MovieWatched' ? { titleId, snapshot } : { titleId };
    const theirs = ofAnother({ ...event, data: { ...event.data, ...about } }, userId);
    const revision = (revisions.get(theirs.stream) ?? -1n) + 1n;
    revisions.set(theirs.stream, revision);
    return { ...theirs, revision };
  };
  let rated = 0;
  return (event) => {
    if (event.type === 'TitleRated' && rated < Math.min(watches, MIDDLE_PLAYS)) {
      rated += 1;
      return [to(MIDDLE_ID, event)];
    }
    if (event.type !== 'MovieWatched' || watches === HEAVY_PLAYS) return [];
    watches += 1;
    const isSmalls = watches % (HEAVY_PLAYS / SMALL_PLAYS) === 0;
    return [
      to(HEAVY_ID, event),
      ...(isSmalls ? [to(SMALL_ID, event)] : []),
      ...(watches <= MIDDLE_PLAYS ? [to(MIDDLE_ID, event)] : []),
    ];
  };
};

/** The same happens to somebody else. */
const toOthers =
  (time: number): Again =>
  (event) =>
    isViewing(event)
      ? [ofAnother(event, derivedId(`bench:${time}:${String(event.data.userId)}`))]
      : [];

const ofAnother = (event: RecordedEvent, userId: string): RecordedEvent => {
  const { playId, titleId } = event.data;
  // As unique as a derived id, and cheaper to make.
  const own = (id: unknown): string => userId.slice(0, 8) + String(id).slice(8);
  return {
    ...event,
    stream: viewingStream(userId, String(titleId)),
    id: own(event.id),
    data: { ...event.data, userId, ...(playId === undefined ? {} : { playId: own(playId) }) },
    metadata: { ...event.metadata, userId },
  };
};
