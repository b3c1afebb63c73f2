import type { RecordedEvent } from '../../../commands/ports/eventStore.js';
import { canonicalJson } from '../verify/canonicalJson.js';
import { createLogDigest } from '../verify/logDigest.js';
import type { CopiedLog } from './copyTarget.js';
import { LogReader } from './logReader.js';

/** The logs do not hold the same. */
export class LogsDiffer extends Error {
  override readonly name = 'LogsDiffer';
}

/** Reads a log and the copy of it side by side, event by event. */
export interface LogComparison {
  /** Reads both on, up to the end of the copy. @throws {LogsDiffer} */
  readToEnd(): Promise<void>;
  /** How many events there were until now, the same in both. */
  readonly events: number;
  /** The positions of the last of them; 0 before the first. */
  readonly positions: { readonly source: bigint; readonly target: bigint };
  /** What both come to until now, as `reellog log verify` tells it of a whole log. */
  readonly digests: { readonly source: string; readonly target: string };
  /** The event of the source that would be the copy's next. */
  next(): Promise<RecordedEvent | undefined>;
  /**
   * Where in the copy the event stands that is at one of `places` of the source, or the last one before it;
   * `undefined` where there is more in the source up to there than in the copy.
   */
  placeOf(place: bigint): Promise<bigint | undefined>;
}

/** How many events are kept, to say which one it is when the hashes differ. */
const KEPT = 1_000;

type Pair = readonly [source: RecordedEvent, target: RecordedEvent];

export const compareLogs = (options: {
  readonly source: CopiedLog;
  readonly target: CopiedLog;
  /** The positions of the source whose places in the copy will be asked for. */
  readonly places: readonly bigint[];
  readonly signal: AbortSignal;
  /** Told how many events were the same. */
  readonly onProgress?: (events: number) => void;
}): LogComparison => {
  const { signal, onProgress } = options;
  const source = new LogReader(options.source, signal);
  const target = new LogReader(options.target, signal);
  const digests = { source: createLogDigest(), target: createLogDigest() };
  /** Those that are before the last event that was read, in their order. */
  const found = new Map<bigint, bigint>();
  const sought = [...new Set(options.places)].sort((a, b) => (a < b ? -1 : 1));
  let events = 0;
  let positions = { source: 0n, target: 0n };
  let pairs: Pair[] = [];

  const compare = (pair: Pair): void => {
    const [original, copy] = pair;
    for (let place = sought[0]; place !== undefined && place < original.position;) {
      found.set(place, positions.target);
      sought.shift();
      [place] = sought;
    }
    events += 1;
    if (!sameEvent(pair)) throw differing(events, pair);
    digests.source.add(original);
    digests.target.add(copy);
    positions = { source: original.position, target: copy.position };
    if (pairs.push(pair) >= KEPT) compareDigests();
  };

  const compareDigests = (): void => {
    if (digests.source.value() !== digests.target.value()) {
      const nth = pairs.findIndex(([a, b]) => contentOf(a) !== contentOf(b));
      const pair = pairs[nth];
      if (!pair) throw new LogsDiffer('The source and the target differ in what they hold.');
      throw differing(events - pairs.length + nth + 1, pair);
    }
    pairs = [];
  };

  return {
    readToEnd: async () => {
      while (await target.fill()) {
        if (!(await source.fill())) {
          const [more] = target.buffered;
          throw new LogsDiffer(
            `The target has more events than the source: after ${events} comes ${nameOf(more)}.`,
          );
        }
        const amount = Math.min(source.buffered.length, target.buffered.length);
        const originals = source.take(amount);
        const copies = target.take(amount);
        originals.forEach((original, nth) => {
          const copy = copies[nth];
          if (copy) compare([original, copy]);
        });
        onProgress?.(events);
      }
      compareDigests();
    },
    get events() {
      return events;
    },
    get positions() {
      return positions;
    },
    get digests() {
      return { source: digests.source.value(), target: digests.target.value() };
    },
    next: async () => {
      await source.fill();
      return source.buffered[0];
    },
    placeOf: async (place) => {
      const inside = found.get(place);
      if (inside !== undefined) return inside;
      await source.fill();
      const next = source.buffered[0];
      return next && next.position <= place ? undefined : positions.target;
    },
  };
};

/** What is dear to compare is compared by its hash. */
const sameEvent = ([original, copy]: Pair): boolean =>
  original.id === copy.id &&
  original.revision === copy.revision &&
  original.stream === copy.stream &&
  original.type === copy.type;

const contentOf = ({ data, metadata, recordedAt }: RecordedEvent): string =>
  canonicalJson([data, metadata, recordedAt.toISOString()]);

const nameOf = (event: RecordedEvent | undefined): string =>
  event ? `${event.type} ${event.id} (${event.stream} at revision ${event.revision})` : 'nothing';

const differing = (nth: number, [original, copy]: Pair): LogsDiffer => {
  const [ours, theirs] = [nameOf(original), nameOf(copy)];
  return new LogsDiffer(
    ours === theirs
      ? `Event ${nth}, ${ours}, differs in its data, its metadata or its time.`
      : `Event ${nth} of the source is ${ours}, of the target ${theirs}.`,
  );
};
