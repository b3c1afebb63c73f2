import type { CommittedIds } from './committedIds.js';
import { deletedStream } from '../eventRecord.js';
import type { StreamIndex } from '../streamIndex.js';
import { metastreamOf } from '../system/systemStreams.js';

/** What a writer may expect of a stream besides a revision: `ExpectedVersion`. */
export const expected = { noStream: -1, any: -2, streamExists: -4 } as const;

/** What becomes of a write. */
export type CommitDecision =
  | { readonly kind: 'ok'; readonly current: number; readonly softDeleted: boolean }
  /** The same events are there already; `last` is the number of the last of them. */
  | { readonly kind: 'idempotent'; readonly last: number }
  | { readonly kind: 'wrongExpectedVersion'; readonly current: number }
  | { readonly kind: 'deleted' };

/**
 * Decides on a write as `IndexWriter.CheckCommit` does. Events that are partly there already are a
 * wrong expected version: `StorageWriterService.ActOnCommitCheckFailure`.
 */
export const checkCommit = (
  index: StreamIndex,
  committed: CommittedIds,
  stream: string,
  expectedVersion: number,
  ids: readonly string[],
): CommitDecision => {
  const current = index.lastEventNumber(stream);
  const wrong: CommitDecision = { kind: 'wrongExpectedVersion', current };
  if (current === deletedStream) return { kind: 'deleted' };

  const softDeleted = index.isSoftDeleted(stream);
  const ok: CommitDecision = { kind: 'ok', current, softDeleted };

  if (expectedVersion === expected.streamExists) {
    if (softDeleted) return { kind: 'deleted' };
    if (current < 0 && index.lastEventNumber(metastreamOf(stream)) < 0) return wrong;
  }

  if (expectedVersion === expected.any || expectedVersion === expected.streamExists) {
    let last = -1;
    for (const [place, id] of ids.entries()) {
      const known = committed.find(id);
      if (known?.stream !== stream) return place === 0 ? ok : wrong;
      last = known.revision;
    }
    return ids.length === 0 ? ok : { kind: 'idempotent', last };
  }

  if (expectedVersion < current) {
    for (const [place, id] of ids.entries()) {
      if (index.eventAt(stream, expectedVersion + 1 + place)?.id === id) continue;
      const isNewStream = place === 0 && expectedVersion === expected.noStream && softDeleted;
      return isNewStream ? ok : wrong;
    }
    return ids.length === 0 ? wrong : { kind: 'idempotent', last: expectedVersion + ids.length };
  }

  return expectedVersion > current ? wrong : ok;
};
