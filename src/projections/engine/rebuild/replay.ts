import type { EventStore, OnUnreadable } from '../../../commands/ports/eventStore.js';
import type { Projection } from '../../ports/projection.js';
import { logPages, type RebuildPage } from './logPages.js';
import { readOwners, type Owner } from './owners.js';
import type { RebuiltRows } from './rebuiltRows.js';
import type { Throttle } from './throttle.js';

/** What is made anew beside others from one read of the log. */
export interface Replayed {
  readonly projection: Projection;
  readonly rows: RebuiltRows;
  /** Where the replay ends. */
  readonly target: bigint;
  add(owners: readonly Owner[]): Promise<void>;
  apply(page: RebuildPage): Promise<void>;
}

/** How the log is replayed for several. */
export interface ReplayOptions<Member extends Replayed> {
  readonly eventStore: EventStore;
  readonly signal: AbortSignal;
  readonly throttle: Throttle;
  readonly pageSize?: number | undefined;
  /** Lets each do its work, side by side, and lets go of those that cannot go on. */
  readonly each: (
    members: readonly Member[],
    work: (member: Member) => Promise<void>,
  ) => Promise<void>;
  /** Whether a member is still there. */
  readonly isThere: (member: Member) => boolean;
  /** Told after each part of the log how many events that was. */
  readonly onRead?: (events: number) => Promise<void> | void;
}

/**
 * Makes rows anew up to the members' targets: first of those that are made owner by owner, from one read of the log in
 * the order of its streams, then of those that are made page by page.
 */
export const replay = async <Member extends Replayed>(
  members: readonly Member[],
  options: ReplayOptions<Member>,
): Promise<void> => {
  const byOwner = members.filter(({ rows }) => rows.owners);
  if (byOwner.length > 0) await replayOwners(byOwner, options);
  const byPage = members.filter(({ projection }) => !projection.folds);
  if (byPage.length > 0) await replayPages(byPage, options);
};

const replayOwners = async <Member extends Replayed>(
  members: readonly Member[],
  { eventStore, signal, throttle, pageSize, each, isThere, onRead }: ReplayOptions<Member>,
): Promise<void> => {
  const goingOn = () => members.filter(isThere);
  const places = members.flatMap(({ rows }) => rows.owners ?? []);
  const batches = readOwners(eventStore, {
    prefixes: [...new Set(members.flatMap(({ projection }) => projection.folds?.prefixes ?? []))],
    types: typesOf(members),
    after: firstOf(places.map(({ last }) => last)),
    upTo: places.map(({ until }) => until).reduce((a, b) => (a > b ? a : b)),
    ...{ signal, onUnreadable: tellingAll(members) },
    ...(pageSize === undefined ? {} : { pageSize }),
  });
  for await (const owners of batches) {
    signal.throwIfAborted();
    await each(goingOn(), (member) => member.add(owners));
    if (goingOn().length === 0) return;
    const events = owners.reduce((sum, owner) => sum + owner.events, 0);
    await onRead?.(events);
    await throttle.take(events, signal);
  }
  await each(goingOn(), (member) => member.rows.endOwners());
};

/** Owners come in the order of their ids; before the first one where somebody has none. */
const firstOf = (lasts: readonly (string | undefined)[]): string | undefined => {
  const known = lasts.flatMap((last) => last ?? []).sort();
  return known.length < lasts.length ? undefined : known[0];
};

const replayPages = async <Member extends Replayed>(
  members: readonly Member[],
  { eventStore, signal, throttle, pageSize, each, isThere, onRead }: ReplayOptions<Member>,
): Promise<void> => {
  const goingOn = () =>
    members.filter((member) => isThere(member) && member.rows.seen < member.target);
  const first = goingOn();
  if (first.length === 0) return;
  const pages = logPages(eventStore, {
    after: first.map(({ rows }) => rows.seen).reduce((a, b) => (b < a ? b : a)),
    types: typesOf(first),
    ...{ signal, onUnreadable: tellingAll(members) },
    ...(pageSize === undefined ? {} : { pageSize }),
  });
  for await (const page of pages) {
    signal.throwIfAborted();
    await each(goingOn(), (member) => member.apply(page));
    await onRead?.(page.events.length);
    await throttle.take(page.events.length, signal);
    if (goingOn().length === 0) return;
  }
};

const typesOf = (members: readonly Replayed[]) => [
  ...new Set(members.flatMap(({ projection }) => projection.handles)),
];

const tellingAll =
  (members: readonly Replayed[]): OnUnreadable =>
  (event, error) => {
    for (const { rows } of members) rows.unreadable(event, error);
  };
