import { SpanKind, type Tracer } from '@opentelemetry/api';
import { OutgoingFailure } from '../../outgoing/outgoingFailure.js';
import type { OutgoingAttempt, OutgoingObserver } from '../../outgoing/outgoing.js';
import { secondsSince, type Measures } from '../measures.js';
import { attributes } from '../names.js';
import { inSpan } from '../tracing.js';

/** Measures every attempt to ask a provider, and with a tracer gives it a span; the query, with its key, is in neither. */
export const observedOutgoing = (
  measures: Measures,
  tracer: Tracer | undefined,
): OutgoingObserver => {
  const measured = async <T extends { readonly status: number }>(
    { provider, url }: OutgoingAttempt,
    work: () => Promise<T>,
  ): Promise<T> => {
    const began = performance.now();
    const record = (labels: Record<string, string | number>): void => {
      measures.record('outgoingDuration', secondsSince(began), {
        [attributes.method]: 'GET',
        [attributes.provider]: provider,
        [attributes.server]: url.hostname,
        ...labels,
      });
    };
    try {
      const answer = await work();
      record({ [attributes.status]: answer.status });
      return answer;
    } catch (error) {
      record(labelsOf(error));
      throw error;
    }
  };
  return (attempt, work) => {
    if (!tracer) return measured(attempt, work);
    const about = {
      [attributes.method]: 'GET',
      [attributes.provider]: attempt.provider,
      [attributes.server]: attempt.url.hostname,
      [attributes.path]: attempt.url.pathname,
    };
    const options = { kind: SpanKind.CLIENT, attributes: about };
    return inSpan(tracer, `GET ${attempt.url.hostname}`, options, () => measured(attempt, work));
  };
};

const labelsOf = (error: unknown): Record<string, string | number> => {
  if (!(error instanceof OutgoingFailure)) return { [attributes.errorType]: 'aborted' };
  const { failure } = error;
  return failure.kind === 'status'
    ? { [attributes.status]: failure.status, [attributes.errorType]: String(failure.status) }
    : { [attributes.errorType]: failure.kind };
};
