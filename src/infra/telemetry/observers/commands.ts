import type { Tracer } from '@opentelemetry/api';
import {
  CommandRejected,
  type CommandOutcome,
  type CommandRequest,
  type ExecuteCommand,
} from '../../../commands/command.js';
import { EventStoreError } from '../../../commands/ports/eventStore.js';
import { secondsSince, type Measures } from '../measures.js';
import { attributes, spans } from '../names.js';
import { inSpan } from '../tracing.js';

/** Measures every command by its type and what became of it, and with a tracer gives it a span. */
export const observedCommands = (
  execute: ExecuteCommand,
  measures: Measures,
  tracer: Tracer | undefined,
): ExecuteCommand => {
  const measured = async (request: CommandRequest): Promise<CommandOutcome> => {
    const began = performance.now();
    const record = (outcome: string, error?: string): void => {
      measures.record('commandDuration', secondsSince(began), {
        [attributes.command]: request.name,
        [attributes.outcome]: outcome,
        ...(error === undefined ? {} : { [attributes.errorType]: error }),
      });
    };
    try {
      const outcome = await execute(request);
      record(outcome.appended > 0 ? 'appended' : 'unchanged');
      return outcome;
    } catch (error) {
      record(error instanceof CommandRejected ? 'rejected' : 'failed', kindOf(error));
      throw error;
    }
  };
  if (!tracer) return measured;
  return (request) => {
    const { name, correlationId } = request;
    const about = {
      [attributes.command]: name,
      ...(correlationId === undefined ? {} : { [attributes.correlation]: correlationId }),
    };
    return inSpan(tracer, spans.command(name), { attributes: about }, async (span) => {
      const outcome = await measured(request);
      span.setAttributes({
        [attributes.stream]: outcome.stream,
        [attributes.events]: outcome.appended,
      });
      return outcome;
    });
  };
};

/** Why it did not happen, in one of few words. */
export const kindOf = (error: unknown): string => {
  if (error instanceof CommandRejected || error instanceof EventStoreError) {
    return error.failure.kind;
  }
  return error instanceof Error ? error.name : 'unknown';
};
