import { SpanKind, type Link, type Tracer } from '@opentelemetry/api';
import type { RecordedEvent } from '../../../commands/ports/eventStore.js';
import type { EngineObserver, ObservedBatch } from '../../../projections/ports/engineObserver.js';
import { secondsSince, type Measures } from '../measures.js';
import { attributes, spans } from '../names.js';
import { inSpan, spanOf } from '../tracing.js';

/** As many as a span keeps unless its limits are set otherwise. */
const LINKS = 128;

/**
 * Measures every batch, and with a tracer gives it a trace of its own, linked to the appends of its events: a
 * batch has many of them, and comes long after when a read model is made anew.
 */
export const observedBatches = (
  measures: Measures,
  tracer: Tracer | undefined,
): EngineObserver & { readonly failures: () => ReadonlyMap<string, number> } => {
  const failures = new Map<string, number>();
  const measured = async <T>({ projection, events }: ObservedBatch, work: () => Promise<T>) => {
    const began = performance.now();
    const record = (labels: Record<string, string>): void => {
      measures.record('batchDuration', secondsSince(began), labels);
    };
    const about = { [attributes.projection]: projection };
    try {
      const result = await work();
      record(about);
      measures.record('batchEvents', events.length, about);
      return result;
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      record({ ...about, [attributes.errorType]: name });
      throw error;
    }
  };
  return {
    failures: () => failures,
    failed: (projection) => failures.set(projection, (failures.get(projection) ?? 0) + 1),
    batch: (batch, work) => {
      if (!tracer) return measured(batch, work);
      const options = {
        ...{ kind: SpanKind.CONSUMER, root: true },
        attributes: aboutBatch(batch),
        links: linksTo(batch.events),
      };
      return inSpan(tracer, spans.batch(batch.projection), options, () => measured(batch, work));
    },
  };
};

const aboutBatch = ({ projection, events }: ObservedBatch) => ({
  [attributes.projection]: projection,
  [attributes.events]: events.length,
  [attributes.position]: events.at(-1)?.position.toString() ?? '',
});

/** The appends that the events came by, each once; the newest where there are too many. */
const linksTo = (events: readonly RecordedEvent[]): Link[] => {
  const seen = new Set<string>();
  for (const { metadata } of events.toReversed()) {
    if (metadata.traceparent !== undefined) seen.add(metadata.traceparent);
    if (seen.size === LINKS) break;
  }
  return [...seen].flatMap((traceparent) => {
    const context = spanOf(traceparent);
    return context ? [{ context }] : [];
  });
};
