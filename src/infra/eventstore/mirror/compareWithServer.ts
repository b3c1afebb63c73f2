import type { EventStore, RecordedEvent } from '../../../commands/ports/eventStore.js';
import type { CopiedLog } from '../copy/copyTarget.js';
import type { CutStream } from '../eventstoredb/cutStreams.js';
import type { EventStoreDbLog } from '../eventstoredb/eventStoreDbLog.js';
import { readInOrder } from '../eventstoredb/reads/readInOrder.js';
import { contentOf, createLogDigest } from '../verify/logDigest.js';
import type { LogFault } from '../verify/verifyLog.js';

/** How the mirror of a log and the log on the server compare. */
export interface ServerComparison {
  /** What the server's log comes to, as far as the mirror was read: the same as the mirror's where nothing was cut. */
  readonly digest: string;
  readonly faults: number;
  /** The first of them. */
  readonly first: readonly LogFault[];
  /** Streams that an operator truncated or deleted on the server; the mirror has them whole. */
  readonly cut: readonly CutStream[];
  /** Events of such streams that the mirror alone has by now. */
  readonly kept: number;
}

const PAGE = 2_000;
const FIRST = 50;

/** Reads a log on the server and its mirror side by side, up to a position. */
export const compareWithServer = async (options: {
  readonly server: EventStoreDbLog;
  readonly mirror: Pick<EventStore, 'readAll'>;
  readonly upTo: bigint;
  readonly signal: AbortSignal;
  readonly onProgress?: (position: bigint) => void;
}): Promise<ServerComparison> => {
  const { server, mirror, upTo, signal, onProgress } = options;
  const cut = await server.cutStreams(signal);
  const isCut = new Set(cut.map(({ stream }) => stream));
  const reads = readInOrder(server);
  const digest = createLogDigest();
  const first: LogFault[] = [];
  let faults = 0;
  let kept = 0;
  const blame = ({ position, stream }: RecordedEvent, fault: string): void => {
    faults += 1;
    if (first.length < FIRST) first.push({ position, stream, fault });
  };
  const missing = (event: RecordedEvent): void => {
    if (isCut.has(event.stream)) kept += 1;
    else blame(event, 'is not on the server any more');
  };
  const mirrored = eachUpTo(mirror, upTo, signal);
  try {
    let ours = await next(mirrored);
    for await (const theirs of eachUpTo(reads, upTo, signal)) {
      digest.add(theirs);
      for (; ours && ours.position < theirs.position; ours = await next(mirrored)) {
        missing(ours);
      }
      if (ours?.position !== theirs.position) {
        blame(theirs, 'is on the server, and not in the mirror');
        continue;
      }
      if (contentOf(ours) !== contentOf(theirs)) blame(theirs, 'is another event on the server');
      onProgress?.(theirs.position);
      ours = await next(mirrored);
    }
    for (; ours; ours = await next(mirrored)) {
      missing(ours);
    }
  } finally {
    await reads.close();
  }
  return { digest: digest.value(), faults, first, cut, kept };
};

const next = async (
  events: AsyncGenerator<RecordedEvent, void>,
): Promise<RecordedEvent | undefined> => {
  const { value, done } = await events.next();
  return done ? undefined : value;
};

async function* eachUpTo(
  log: Pick<CopiedLog, 'readAll'>,
  upTo: bigint,
  signal: AbortSignal,
): AsyncGenerator<RecordedEvent, void> {
  for (let after = 0n, end = false; !end && after < upTo;) {
    const page = await log.readAll({ after, maxCount: PAGE, signal });
    for (const event of page.events) {
      if (event.position > upTo) return;
      yield event;
    }
    after = page.position;
    end = page.end;
  }
}
