import { SpanKind, type Tracer } from '@opentelemetry/api';
import type {
  AppendResult,
  EventStore,
  EventToAppend,
} from '../../../commands/ports/eventStore.js';
import { kindOf } from './commands.js';
import { secondsSince, type Measures } from '../measures.js';
import { attributes, spans } from '../names.js';
import { inSpan, traceparentOf } from '../tracing.js';

/** A span names so many events at most. */
const NAMED = 50;

/**
 * Measures every append, and with a tracer gives it a span and its events that span as `traceparent`: who
 * projects them later finds the request behind them.
 */
export const observedAppends = (
  store: EventStore,
  measures: Measures,
  tracer: Tracer | undefined,
): EventStore => {
  type Append = EventStore['append'];
  const measured: Append = async (stream, events, options) => {
    const began = performance.now();
    const record = (labels?: Record<string, string>): void => {
      measures.record('appendDuration', secondsSince(began), labels);
    };
    try {
      const result = await store.append(stream, events, options);
      record();
      measures.record('appendEvents', events.length);
      return result;
    } catch (error) {
      record({ [attributes.errorType]: kindOf(error) });
      throw error;
    }
  };
  const traced =
    (by: Tracer): Append =>
    (stream, events, options) =>
      inSpan<AppendResult>(
        by,
        spans.append(stream.split('-')[0] ?? ''),
        { kind: SpanKind.PRODUCER, attributes: aboutAppend(stream, events) },
        async (span) => {
          const traceparent = traceparentOf(span);
          const result = await measured(stream, events.map(within(traceparent)), options);
          span.setAttribute(attributes.position, result.position.toString());
          return result;
        },
      );
  return { ...store, append: tracer ? traced(tracer) : measured };
};

const within =
  (traceparent: string | undefined) =>
  (event: EventToAppend): EventToAppend =>
    traceparent === undefined ? event : { ...event, metadata: { ...event.metadata, traceparent } };

const aboutAppend = (stream: string, events: readonly EventToAppend[]) => {
  const named = events.slice(0, NAMED);
  return {
    [attributes.stream]: stream,
    [attributes.events]: events.length,
    [attributes.eventIds]: named.map(({ id }) => id),
    [attributes.eventTypes]: named.map(({ type }) => type),
  };
};
