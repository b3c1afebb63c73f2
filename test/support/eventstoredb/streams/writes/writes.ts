import type { Metadata } from '@grpc/grpc-js';

import type { WriteOutcome } from '../../log/eventLog.js';
import type { NodeContext } from '../../node/node.js';
import { demandLeader } from '../calls.js';
import { ServerException } from '../rpcErrors.js';

/** Names that are none: `SystemStreams.IsInvalidStream`. */
const isInvalidStream = (stream: string): boolean => stream === '' || stream === '$$';

/** What became of a write, by the time that its client is told. */
export type AnsweredWrite =
  | Exclude<WriteOutcome, { kind: 'notReplicated' }>
  /** Not replicated within the commit timeout; it may be later. */
  | { readonly kind: 'timedOut' }
  /** There is no leader. */
  | { readonly kind: 'notReady' };

const isDoneWithin = (milliseconds: number, work: Promise<void>): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds, false).unref();
    void work.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });

/** How the server says that a write was not replicated in time. */
export const commitPhaseTimeout = 'Commit phase timeout.';

const never = new Promise<void>(() => undefined);

/**
 * A write is answered once it is replicated. One that is there already and is not replicated is
 * dropped, and answered as one that is not replicated in time: `RequestManagerBase`.
 */
const onceReplicated = async (
  outcome: WriteOutcome,
  commitTimeout: number,
): Promise<AnsweredWrite> => {
  if (outcome.kind === 'notReplicated') {
    await isDoneWithin(commitTimeout, never);
    return { kind: 'timedOut' };
  }
  if (outcome.kind !== 'written' || outcome.replicated === undefined) return outcome;
  const inTime = await isDoneWithin(commitTimeout, outcome.replicated);
  return inTime ? outcome : { kind: 'timedOut' };
};

/** Writes on the leader, with room for a fault before and after. */
export const writeOn = async (
  node: NodeContext,
  metadata: Metadata,
  point: { readonly method: string; readonly stream: string },
  write: () => WriteOutcome,
): Promise<AnsweredWrite> => {
  demandLeader(node, metadata);
  if (!node.isReady()) return { kind: 'notReady' };
  if (isInvalidStream(point.stream)) {
    throw new ServerException(`'${point.stream}' is no stream`);
  }
  const before = node.faults.reached('beforeWrite', point);
  if (before !== undefined) await before;
  const outcome = await onceReplicated(write(), node.commitTimeoutMilliseconds);
  const after = node.faults.reached('afterWrite', point);
  if (after !== undefined) await after;
  return outcome;
};
