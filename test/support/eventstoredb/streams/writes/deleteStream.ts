import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Metadata } from '@grpc/grpc-js';

import type { NodeContext } from '../../node/node.js';
import { callerOf, demandAccess } from '../calls.js';
import { expectedVersionOf, streamNameOf } from './expectedRevision.js';
import {
  handlerFailed,
  serverNotReady,
  streamDeleted,
  timedOut,
  wrongExpectedVersion,
} from '../rpcErrors.js';
import { commitPhaseTimeout, writeOn } from './writes.js';

type Options = streams.DeleteReq.Options | streams.TombstoneReq.Options;

/** Deletes a stream and answers with the position of what was written: `Streams.DeleteInternal`. */
const deleteWith = async (
  node: NodeContext,
  metadata: Metadata,
  options: Options | undefined,
  how: 'softly' | 'withTombstone',
): Promise<number | undefined> => {
  if (options === undefined) throw handlerFailed();
  const method = how === 'softly' ? 'Delete' : 'Tombstone';
  const stream = streamNameOf(options.getStreamIdentifier());
  const point = { method, stream };
  const request = node.faults.reached('request', point);
  if (request !== undefined) await request;
  const revision = options.hasRevision() ? options.getRevision() : undefined;
  const expectedVersion = expectedVersionOf(options, revision);
  demandAccess(node, callerOf(node, metadata), 'delete', stream);
  const outcome = await writeOn(node, metadata, point, () =>
    node.log.deleteStream(stream, expectedVersion, how),
  );
  const answer = node.faults.reached('answer', point);
  if (answer !== undefined) await answer;
  switch (outcome.kind) {
    case 'written':
      return outcome.position;
    case 'wrongExpectedVersion':
      throw wrongExpectedVersion('Delete', stream, expectedVersion, outcome.current);
    case 'streamDeleted':
      throw streamDeleted(stream);
    case 'timedOut':
      throw timedOut(commitPhaseTimeout);
    case 'notReady':
      throw serverNotReady();
  }
};

export const softDelete = async (
  node: NodeContext,
  metadata: Metadata,
  request: streams.DeleteReq,
): Promise<streams.DeleteResp> => {
  const at = await deleteWith(node, metadata, request.getOptions(), 'softly');
  const answer = new streams.DeleteResp();
  if (at === undefined) return answer.setNoPosition(new shared.Empty());
  const position = new streams.DeleteResp.Position();
  return answer.setPosition(position.setCommitPosition(String(at)).setPreparePosition(String(at)));
};

export const tombstone = async (
  node: NodeContext,
  metadata: Metadata,
  request: streams.TombstoneReq,
): Promise<streams.TombstoneResp> => {
  const at = await deleteWith(node, metadata, request.getOptions(), 'withTombstone');
  const answer = new streams.TombstoneResp();
  if (at === undefined) return answer.setNoPosition(new shared.Empty());
  const position = new streams.TombstoneResp.Position();
  return answer.setPosition(position.setCommitPosition(String(at)).setPreparePosition(String(at)));
};
