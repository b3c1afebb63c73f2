import streams from '@eventstore/db-client/generated/streams_pb.js';

import { matching, startingWith, type EventFilter } from '../../log/eventFilter.js';
import { endOfLog, startOfLog, type LogPosition } from '../../log/readAll.js';
import { fromEnd } from '../../log/readStream.js';
import { allStream } from '../../log/system/systemStreams.js';
import { revisionOf, streamNameOf } from '../writes/expectedRevision.js';
import type { UuidForm } from './eventAnswer.js';
import { handlerFailed, invalidArgument } from '../rpcErrors.js';

/** A filter with how much is looked at until something is said. */
export interface RequestedFilter {
  readonly allows: EventFilter;
  /** How many events are looked at for one page. */
  readonly window: number;
  /** A subscription says where it is after so many events, times the window. */
  readonly checkpointMultiplier: number;
}

/** Where to begin: with the first, after the last, or at a place. */
export type Beginning<Place> = 'start' | 'end' | Place;

interface Common {
  readonly stream: string;
  readonly direction: 'forwards' | 'backwards';
  /** How many events to read; a subscription has no end. */
  readonly count: number | 'subscription';
  readonly resolveLinks: boolean;
  readonly uuidForm: UuidForm;
  /** From 1 on, reads of streams tell where the stream begins and ends. */
  readonly compatibility: number;
}

export interface StreamRequest extends Common {
  readonly of: 'stream';
  readonly from: Beginning<number>;
}

export interface AllRequest extends Common {
  readonly of: 'all';
  readonly from: Beginning<LogPosition>;
  readonly filter?: RequestedFilter;
}

export type ReadRequest = StreamRequest | AllRequest;

/** How many events the server reads at once: `Enumerator.ReadBatchSize`. */
export const pageSize = 32;

const filterOf = (options: streams.ReadReq.Options.FilterOptions): RequestedFilter => {
  const by = options.hasStreamIdentifier() ? 'stream' : 'type';
  const expression = options.hasStreamIdentifier()
    ? options.getStreamIdentifier()
    : options.getEventType();
  if (expression === undefined) throw invalidArgument('The filter has no expression.');
  if (!options.hasMax() && !options.hasCount()) {
    throw invalidArgument("'None' is not a valid WindowOneofCase");
  }
  const regex = expression.getRegex();
  return {
    allows: regex === '' ? startingWith(by, expression.getPrefixList()) : matching(by, regex),
    window: options.hasMax() ? options.getMax() : pageSize,
    checkpointMultiplier: options.getCheckpointintervalmultiplier(),
  };
};

const beginningOfStream = (options: streams.ReadReq.Options.StreamOptions): Beginning<number> => {
  if (options.hasStart()) return 'start';
  if (options.hasEnd()) return 'end';
  if (!options.hasRevision()) throw handlerFailed();
  const revision = revisionOf(options.getRevision());
  return revision === fromEnd ? 'end' : revision;
};

const offsetOf = (text: string): number => {
  const offset = revisionOf(text);
  return offset < 0 ? Infinity : offset;
};

const beginningOfAll = (options: streams.ReadReq.Options.AllOptions): Beginning<LogPosition> => {
  if (options.hasStart()) return 'start';
  if (options.hasEnd()) return 'end';
  const position = options.getPosition();
  if (position === undefined) throw handlerFailed();
  const commit = offsetOf(position.getCommitPosition());
  const prepare = offsetOf(position.getPreparePosition());
  return commit === Infinity && prepare === Infinity ? 'end' : { commit, prepare };
};

/** Reads what a request wants; combinations that the server knows nothing of are refused by it. */
export const readRequestOf = (options: streams.ReadReq.Options | undefined): ReadRequest => {
  if (options === undefined) throw handlerFailed();
  const uuidOption = options.getUuidOption();
  if (uuidOption === undefined) throw invalidArgument("'uuidOption' is a required argument");
  const common = {
    direction:
      options.getReadDirection() === streams.ReadReq.Options.ReadDirection.FORWARDS
        ? 'forwards'
        : 'backwards',
    count: options.hasSubscription() ? 'subscription' : Number(options.getCount()),
    resolveLinks: options.getResolveLinks(),
    uuidForm: uuidOption.hasString() ? 'string' : 'structured',
    compatibility: options.getControlOption()?.getCompatibility() ?? 0,
  } as const;
  const filter = options.getFilter();
  const [stream, all] = [options.getStream(), options.getAll()];
  const isInvalid =
    (stream === undefined) === (all === undefined) ||
    (!options.hasSubscription() && !options.hasCount()) ||
    (filter === undefined && !options.hasNoFilter()) ||
    (filter !== undefined && stream !== undefined) ||
    (common.count === 'subscription' && common.direction === 'backwards');
  if (isInvalid) throw invalidArgument('The combination of options is invalid.');
  if (stream !== undefined) {
    const name = streamNameOf(stream.getStreamIdentifier());
    return { of: 'stream', stream: name, from: beginningOfStream(stream), ...common };
  }
  if (all === undefined) throw handlerFailed();
  const from = beginningOfAll(all);
  const requested = filter && filterOf(filter);
  return {
    of: 'all',
    stream: allStream,
    from,
    ...(requested && { filter: requested }),
    ...common,
  };
};

/** The place in the log that a read begins at. */
export const placeInLog = (from: Beginning<LogPosition>): LogPosition =>
  from === 'start' ? startOfLog : from === 'end' ? endOfLog : from;
