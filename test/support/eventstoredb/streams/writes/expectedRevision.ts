import type shared from '@eventstore/db-client/generated/shared_pb.js';

import { expected } from '../../log/commits/commitCheck.js';
import { deletedStream } from '../../log/eventRecord.js';
import { invalidArgument } from '../rpcErrors.js';

/** How every request says what it expects of a stream. */
interface Expectation {
  hasNoStream(): boolean;
  hasAny(): boolean;
  hasStreamExists(): boolean;
}

const largestUInt64 = '18446744073709551615';

/** A revision of the wire as a number: the largest stands for -1, `StreamRevision.ToInt64`. */
export const revisionOf = (text: string): number => {
  if (text === largestUInt64) return -1;
  const revision = Number(text);
  return revision > Number.MAX_SAFE_INTEGER ? deletedStream : revision;
};

/** What a request expects; `revision` is absent where it names none. */
export const expectedVersionOf = (options: Expectation, revision: string | undefined): number => {
  if (options.hasAny()) return expected.any;
  if (options.hasNoStream()) return expected.noStream;
  if (options.hasStreamExists()) return expected.streamExists;
  if (revision === undefined) {
    throw invalidArgument("'None' is not a valid ExpectedStreamRevisionOneofCase");
  }
  return revisionOf(revision);
};

const decoder = new TextDecoder();

export const streamNameOf = (identifier: shared.StreamIdentifier | undefined): string =>
  decoder.decode(identifier?.getStreamName_asU8());
