import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerReadableStream } from '@grpc/grpc-js';

import type { WriteOutcome } from '../../log/eventLog.js';
import type { ProposedEvent } from '../../log/eventRecord.js';
import type { NodeContext } from '../../node/node.js';
import { callerOf, demandAccess, requestsOf } from '../calls.js';
import { expectedVersionOf, streamNameOf } from './expectedRevision.js';
import { missingProperties, proposedEvent, sizeOnDisk } from './proposedEvents.js';
import {
  handlerFailed,
  maxAppendSizeExceeded,
  requiredMetadataPropertyMissing,
  serverNotReady,
  streamDeleted,
  timedOut,
} from '../rpcErrors.js';
import { commitPhaseTimeout, writeOn } from './writes.js';

type AppendCall = ServerReadableStream<streams.AppendReq, streams.AppendResp>;

const successOf = ({
  revision,
  position,
}: WriteOutcome & { kind: 'written' }): streams.AppendResp => {
  const success = new streams.AppendResp.Success();
  if (revision < 0) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) success.setNoPosition(new shared.Empty());
  else {
    const both = new streams.AppendResp.Position();
    both.setCommitPosition(String(position));
    both.setPreparePosition(String(position));
    success.setPosition(both);
  }
  return new streams.AppendResp().setSuccess(success);
};

/** Says it in the fields of today and in those of 20.6, as the server does. */
const wrongVersionOf = (
  options: streams.AppendReq.Options,
  current: number,
): streams.AppendResp => {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (options.hasAny()) {
    wrong.setExpectedAny(new shared.Empty());
    wrong.setAny2060(new shared.Empty());
  } else if (options.hasStreamExists()) {
    wrong.setExpectedStreamExists(new shared.Empty());
    wrong.setStreamExists2060(new shared.Empty());
  } else if (options.hasNoStream()) {
    wrong.setExpectedNoStream(new shared.Empty());
  } else {
    wrong.setExpectedRevision(options.getRevision());
    wrong.setExpectedRevision2060(Number(options.getRevision()));
  }
  if (current < 0) {
    wrong.setCurrentNoStream(new shared.Empty());
    wrong.setNoStream2060(new shared.Empty());
  } else {
    wrong.setCurrentRevision(String(current));
    wrong.setCurrentRevision2060(current);
  }
  return new streams.AppendResp().setWrongExpectedVersion(wrong);
};

/** `Streams.Append`: the options come first, then an event each. */
export const append = async (node: NodeContext, call: AppendCall): Promise<streams.AppendResp> => {
  let options: streams.AppendReq.Options | undefined;
  let stream = '';
  let expectedVersion = 0;
  let size = 0;
  const events: ProposedEvent[] = [];

  for await (const request of requestsOf<streams.AppendReq>(call)) {
    if (options === undefined) {
      options = request.getOptions();
      if (options === undefined) throw handlerFailed();
      stream = streamNameOf(options.getStreamIdentifier());
      const revision = options.hasRevision() ? options.getRevision() : undefined;
      expectedVersion = expectedVersionOf(options, revision);
      const reached = node.faults.reached('request', { method: 'Append', stream });
      if (reached !== undefined) await reached;
      demandAccess(node, callerOf(node, call.metadata), 'write', stream);
      continue;
    }
    const message = request.getProposedMessage();
    if (message === undefined) throw handlerFailed();
    const [missing] = missingProperties(message);
    if (missing !== undefined) throw requiredMetadataPropertyMissing(missing);
    const event = proposedEvent(message);
    size += sizeOnDisk(event);
    if (size > node.maxAppendBytes) throw maxAppendSizeExceeded(node.maxAppendBytes);
    events.push(event);
  }
  if (options === undefined) throw handlerFailed();

  const point = { method: 'Append', stream };
  const outcome = await writeOn(node, call.metadata, point, () =>
    node.log.append(stream, expectedVersion, events),
  );
  const reached = node.faults.reached('answer', point);
  if (reached !== undefined) await reached;
  switch (outcome.kind) {
    case 'written':
      return successOf(outcome);
    case 'wrongExpectedVersion':
      return wrongVersionOf(options, outcome.current);
    case 'streamDeleted':
      throw streamDeleted(stream);
    case 'timedOut':
      throw timedOut(commitPhaseTimeout);
    case 'notReady':
      throw serverNotReady();
  }
};
