import type { StreamsOfLog } from './pastEvents.js';
import type { ReadModels } from './readModels.js';

/** What a read model is to be made of. */
export interface PartOfReadModel {
  readonly readModel: string;
  /** Where the events are that make the rows in question. */
  readonly streams: StreamsOfLog;
}

/** Read models of one answer's own, at a position of the log; empty at first. */
export interface ReadModelsThen extends ReadModels {
  /** Makes the rows of a read model, once. */
  make(part: PartOfReadModel): Promise<void>;
}

/** The log's past: which moment is where, and read models as they were. */
export interface PastReadModels {
  /** The position of the newest event; 0 in an empty log. */
  head(signal: AbortSignal): Promise<bigint>;
  /** The position of the last event recorded at or before a time; 0 where there is none. */
  positionAt(time: Date, signal: AbortSignal): Promise<bigint>;
  /** When the last event up to a position was recorded; before the first, when that was. */
  timeAt(position: bigint, signal: AbortSignal): Promise<Date | undefined>;
  /**
   * Lets the work read in read models that are made for it and gone after it: what is served knows nothing of
   * them. Few of these run at once; the others wait for their turn, which people get one after the other.
   * @param who asks
   * @throws {AsksTooMuch} {PastUnavailable} {ReadModelsUnavailable} {EventStoreError}
   */
  at<T>(
    position: bigint,
    work: (then: ReadModelsThen) => Promise<T>,
    { who, signal }: { readonly who: string; readonly signal: AbortSignal },
  ): Promise<T>;
}

/** What was is not to be had now; the message says why. */
export class PastUnavailable extends Error {
  override readonly name = 'PastUnavailable';
}

/** One person asks for more of the past at once than is their share. */
export class AsksTooMuch extends Error {
  override readonly name = 'AsksTooMuch';
}
