import type { Logger } from 'pino';
import type { RequestHandler } from 'express';
import type { ExecuteCommand } from '../../commands/command.js';
import type { EventStore } from '../../commands/ports/eventStore.js';
import type { EngineObserver } from '../../projections/ports/engineObserver.js';
import type { OutgoingObserver } from '../outgoing/outgoing.js';
import type { CommitObserver } from '../eventstore/postgres/groupCommit.js';
import { observedAppends } from './observers/appends.js';
import { observedBatches } from './observers/batches.js';
import { observedCommands } from './observers/commands.js';
import type { Exported } from './exported.js';
import { lookUp, type LookupSources } from './observers/lookups.js';
import { takeLogIdsFrom } from './logIds.js';
import { createMeasures } from './measures.js';
import { openPrometheus } from './prometheus.js';
import { observedOutgoing } from './observers/outgoing.js';
import { observedRequests } from './observers/requests.js';
import { activeIds } from './tracing.js';

/** What looks on at the service: measures and traces what it is set before. */
export interface Telemetry {
  readonly commands: (execute: ExecuteCommand) => ExecuteCommand;
  readonly eventStore: (store: EventStore) => EventStore;
  readonly commits: CommitObserver;
  readonly engine: EngineObserver;
  readonly requests: RequestHandler;
  readonly outgoing: OutgoingObserver;
  /** Has the rest looked up from now on, whenever somebody collects. */
  readonly lookUp: (sources: Omit<LookupSources, 'failures'>) => void;
  /** Where Prometheus finds the metrics, if it does. */
  readonly metricsUrl: string | undefined;
  /** Sends what is not sent yet, in bounded time. */
  close(): Promise<void>;
}

/** Opens what is asked for. @throws {CannotListen} */
export const openTelemetry = async (options: {
  /** Where `GET /metrics` is served; `undefined` for nowhere. */
  readonly metricsAt: { readonly host: string; readonly port: number } | undefined;
  readonly exported: Exported;
  readonly version: string;
  readonly logger: Logger;
}): Promise<Telemetry> => {
  const { metricsAt, exported, version, logger } = options;
  const prometheus = metricsAt && (await openPrometheus({ ...metricsAt, version, logger }));
  // The SDK alone takes a third of a second to load.
  const otlp =
    exported.traces || exported.metrics
      ? (await import('./otlp.js')).startExport(exported, { version, logger })
      : undefined;
  const meters = [prometheus?.meter, otlp?.meter].filter((meter) => meter !== undefined);
  const measures = createMeasures(meters);
  const tracer = otlp?.tracer;
  const forgetIds = tracer && takeLogIdsFrom(activeIds);
  const engine = observedBatches(measures, tracer);
  const close = async (): Promise<void> => {
    await otlp?.close();
    await prometheus?.close();
    forgetIds?.();
  };
  let closed: Promise<void> | undefined;
  return {
    commands: (execute) => observedCommands(execute, measures, tracer),
    eventStore: (store) => observedAppends(store, measures, tracer),
    commits: ({ appends, seconds }) => {
      measures.record('commitAppends', appends);
      measures.record('commitDuration', seconds);
    },
    engine,
    requests: observedRequests(measures, tracer),
    outgoing: observedOutgoing(measures, tracer),
    lookUp: (sources) => {
      lookUp(measures, { ...sources, failures: engine.failures });
    },
    metricsUrl: prometheus?.url,
    close: () => (closed ??= close()),
  };
};
