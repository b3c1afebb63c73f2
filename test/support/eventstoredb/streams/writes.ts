import type { Metadata } from '@grpc/grpc-js';

import type { WriteOutcome } from '../log/eventLog.js';
import type { NodeContext } from '../node.js';
import { demandLeader } from './calls.js';
import { ServerException } from './rpcErrors.js';

/** Names that are none: `SystemStreams.IsInvalidStream`. */
const isInvalidStream = (stream: string): boolean => stream === '' || stream === '$$';

/** Writes on the leader, with room for a fault before and after. */
export const writeOn = async (
  node: NodeContext,
  metadata: Metadata,
  point: { readonly method: string; readonly stream: string },
  write: () => WriteOutcome,
): Promise<WriteOutcome> => {
  demandLeader(node, metadata);
  if (isInvalidStream(point.stream)) {
    throw new ServerException(`'${point.stream}' is no stream`);
  }
  const before = node.faults.reached('beforeWrite', point);
  if (before !== undefined) await before;
  const outcome = write();
  const after = node.faults.reached('afterWrite', point);
  if (after !== undefined) await after;
  return outcome;
};
