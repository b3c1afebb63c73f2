/**
 * Everything that Reellog measures and traces, by the names that dashboards, alerts and traces show: the one
 * place where they stand. OpenTelemetry's semantic conventions have some of them; the others begin with
 * `reellog`. Prometheus gets them as OpenTelemetry's rules say: `reellog.append.duration` in seconds is
 * `reellog_append_duration_seconds`.
 */

/** Of the instruments and the spans. */
export const SCOPE = 'reellog';

/** Seconds: OpenTelemetry's advice for requests, and three below it, for a cached answer takes less. */
const SECONDS = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075],
  ...[0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
];
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/** What is measured as it happens. */
export const histograms = {
  httpDuration: {
    name: 'http.server.request.duration',
    unit: 's',
    description: 'How long HTTP requests took, from the first byte in to the last byte out.',
    buckets: SECONDS,
  },
  outgoingDuration: {
    name: 'http.client.request.duration',
    unit: 's',
    description: 'How long requests to providers took, one by one: each attempt counts.',
    buckets: SECONDS,
  },
  commandDuration: {
    name: 'reellog.command.duration',
    unit: 's',
    description: 'How long commands took, their append included.',
    buckets: SECONDS,
  },
  appendDuration: {
    name: 'reellog.append.duration',
    unit: 's',
    description: 'How long appends to the log took, their wait for a commit included.',
    buckets: SECONDS,
  },
  appendEvents: {
    name: 'reellog.append.events',
    unit: '{event}',
    description: 'How many events an append had.',
    buckets: COUNTS,
  },
  commitDuration: {
    name: 'reellog.commit.duration',
    unit: 's',
    description: 'How long commits of the log in PostgreSQL took.',
    buckets: SECONDS,
  },
  commitAppends: {
    name: 'reellog.commit.appends',
    unit: '{append}',
    description: 'How many appends went out together in one commit.',
    buckets: COUNTS,
  },
  batchDuration: {
    name: 'reellog.projection.batch.duration',
    unit: 's',
    description: 'How long batches took, from the fold to the commit of rows and checkpoint.',
    buckets: SECONDS,
  },
  batchEvents: {
    name: 'reellog.projection.batch.events',
    unit: '{event}',
    description: 'How many events a batch had that the read model wants; their sum is the rate.',
    buckets: COUNTS,
  },
} as const;

/** What is looked up whenever somebody collects. */
export const observed = {
  logPosition: {
    ...{ kind: 'gauge', name: 'reellog.log.position', unit: '' },
    description: 'The position of the newest event.',
  },
  mirrorEvents: {
    ...{ kind: 'gauge', name: 'reellog.mirror.events', unit: '{event}' },
    description: 'How many events of the log in EventStoreDB its mirror has.',
  },
  mirrorLag: {
    ...{ kind: 'gauge', name: 'reellog.mirror.lag.time', unit: 's' },
    description:
      'How long ago the mirror last had all of the log in EventStoreDB; 0 while it is live.',
  },
  mirrorFault: {
    ...{ kind: 'gauge', name: 'reellog.mirror.fault', unit: '' },
    description: '1 where EventStoreDB has not the past that the mirror has, else 0.',
  },
  projectionPosition: {
    ...{ kind: 'gauge', name: 'reellog.projection.position', unit: '' },
    description: 'The last position whose events are in the rows.',
  },
  lagEvents: {
    ...{ kind: 'gauge', name: 'reellog.projection.lag.events', unit: '{event}' },
    description: 'How many events are not in the rows.',
  },
  lagTime: {
    ...{ kind: 'gauge', name: 'reellog.projection.lag.time', unit: 's' },
    description: 'How old the oldest event is that is not in the rows.',
  },
  projectionState: {
    ...{ kind: 'gauge', name: 'reellog.projection.state', unit: '' },
    description: '1 for the state that the read model is in, as this process knows it.',
  },
  stalled: {
    ...{ kind: 'gauge', name: 'reellog.projection.stalled', unit: '' },
    description: '1 where a read model lags and has not moved for 30 seconds, else 0.',
  },
  parked: {
    ...{ kind: 'gauge', name: 'reellog.projection.parked', unit: '{event}' },
    description: 'How many events are missing in the rows because they could not be projected.',
  },
  projectionFailures: {
    ...{ kind: 'counter', name: 'reellog.projection.failures', unit: '{attempt}' },
    description: 'How often this process could not go on with a read model, and tried again.',
  },
  rebuildProgress: {
    ...{ kind: 'gauge', name: 'reellog.rebuild.progress', unit: '1' },
    description: 'How far a read model is that is made anew beside the one that is served.',
  },
  work: {
    ...{ kind: 'gauge', name: 'reellog.work', unit: '{work}' },
    description: 'How much work is in the queue, by its state.',
  },
  cacheRequests: {
    ...{ kind: 'counter', name: 'reellog.cache.requests', unit: '{request}' },
    description: 'How often an answer was in the cache, and how often it was not.',
  },
  cacheEntries: {
    ...{ kind: 'gauge', name: 'reellog.cache.entries', unit: '{answer}' },
    description: 'Answers in the cache.',
  },
  poolConnections: {
    ...{ kind: 'gauge', name: 'db.client.connection.count', unit: '{connection}' },
    description: 'Connections to PostgreSQL in the pool, by state.',
  },
  poolMax: {
    ...{ kind: 'gauge', name: 'db.client.connection.max', unit: '{connection}' },
    description: 'How many connections the pool may have.',
  },
  poolPending: {
    ...{ kind: 'gauge', name: 'db.client.connection.pending_requests', unit: '{request}' },
    description: 'How many wait for a connection.',
  },
  filesystemUsage: {
    ...{ kind: 'gauge', name: 'system.filesystem.usage', unit: 'By' },
    description: 'The disk that the embedded database is on, used and free.',
  },
  filesystemLimit: {
    ...{ kind: 'gauge', name: 'system.filesystem.limit', unit: 'By' },
    description: 'How large the disk is that the embedded database is on.',
  },
  processMemory: {
    ...{ kind: 'gauge', name: 'process.memory.usage', unit: 'By' },
    description: 'Resident memory of this process, without the embedded database.',
  },
  processCpu: {
    ...{ kind: 'counter', name: 'process.cpu.time', unit: 's' },
    description: 'Processor time of this process, by mode.',
  },
  processUptime: {
    ...{ kind: 'gauge', name: 'process.uptime', unit: 's' },
    description: 'How long this process runs.',
  },
  eventLoop: {
    ...{ kind: 'gauge', name: 'nodejs.eventloop.utilization', unit: '1' },
    description: 'Which part of the time since the last look the event loop was busy.',
  },
} as const;

export type HistogramName = keyof typeof histograms;
export type ObservedName = keyof typeof observed;

/** The attributes of measurements and spans. */
export const attributes = {
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
  scheme: 'url.scheme',
  server: 'server.address',
  provider: 'reellog.provider',
  path: 'url.path',
  errorType: 'error.type',
  command: 'reellog.command.name',
  outcome: 'reellog.command.outcome',
  projection: 'reellog.projection.name',
  state: 'reellog.projection.state',
  cacheResult: 'reellog.cache.result',
  workState: 'reellog.work.state',
  correlation: 'reellog.correlation.id',
  stream: 'reellog.stream',
  position: 'reellog.position',
  eventIds: 'reellog.event.ids',
  eventTypes: 'reellog.event.types',
  events: 'reellog.event.count',
  poolName: 'db.client.connection.pool.name',
  poolState: 'db.client.connection.state',
  filesystemState: 'system.filesystem.state',
  cpuMode: 'cpu.mode',
} as const;

/** Spans whose names are not those of a route. */
export const spans = {
  command: (name: string) => `command ${name}`,
  append: (category: string) => `append ${category}`,
  batch: (projection: string) => `project ${projection}`,
};
