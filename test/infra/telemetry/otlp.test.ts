import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import { exportedBy } from '../../../src/infra/telemetry/exported.js';
import { startServe, type CliResult, type ServeProcess } from '../../support/service/cliProcess.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { openEventLog } from '../../support/postgres/eventLog.js';
import { eventually } from '../../support/run/eventually.js';
import { memberOf, openHttpClient, type HttpRequest } from '../../support/service/httpClient.js';
import {
  attributesOf,
  startOtlpReceiver,
  type OtlpReceiver,
  type ReceivedSpan,
} from '../../support/telemetry/otlpReceiver.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
/** The batches that a rating comes to, among others. */
const PROJECTED = ['project ratings', 'project stats'];
const REQUEST = 'PUT /api/v1/movies/{movieId}/rating';
/** Some of those that Prometheus gets, of every kind. */
const METRICS = [
  ...['http.server.request.duration', 'reellog.command.duration', 'reellog.append.duration'],
  ...['reellog.projection.batch.duration', 'reellog.projection.lag.events'],
  ...['reellog.cache.requests', 'db.client.connection.count'],
];

/** As a client with a trace of its own rates a film. */
const rateIn = async (
  serving: ServeProcess,
  token: string,
  correlationId: string,
): Promise<void> => {
  const client = openHttpClient(serving.url);
  const ok = async (request: HttpRequest): Promise<void> => {
    const { status, text } = await client.send({ token, ...request });
    expect(status, text).to.be.within(200, 201);
  };
  const movieId = uuidv7();
  try {
    const body = { movieId, title: 'Metropolis', year: 1927 };
    await ok({ method: 'POST', path: '/api/v1/movies', body });
    await ok({
      ...{ method: 'PUT', path: `/api/v1/movies/${movieId}/rating`, body: { rating: 4 } },
      headers: {
        traceparent: `00-${TRACE}-${CALLER}-01`,
        'x-correlation-id': correlationId,
        prefer: 'wait=2',
      },
    });
  } finally {
    client.close();
  }
};

describe('Traces and metrics by OTLP', () => {
  const correlationId = uuidv7();
  let fresh: FreshDatabase;
  let receiver: OtlpReceiver;
  let ended: CliResult;

  before(async () => {
    fresh = await freshDatabase();
    receiver = await startOtlpReceiver();
    const serving = await startServe({
      DATABASE_URL: fresh.connectionString,
      REELLOG_LOG_LEVEL: 'info',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_METRIC_EXPORT_TIMEOUT: '500',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    try {
      await rateIn(serving, serving.token ?? '', correlationId);
      await eventually('what projected the rating has been sent', () => {
        const linked = receiver
          .spans()
          .filter(({ links = [] }) => links.some(({ traceId }) => traceId === TRACE));
        return PROJECTED.every((projected) => linked.some(({ name }) => name === projected));
      });
      // What has to be asked of the database is not sent at the end; for the rest there is little time then.
      await eventually('the request has been sent', () =>
        receiver.spans().some(({ name }) => name === REQUEST),
      );
      await eventually('the metrics have been sent', () =>
        METRICS.every((name) => receiver.metrics().has(name)),
      );
    } finally {
      ended = await serving.end('SIGTERM');
    }
  });

  after(async () => {
    await receiver.close();
    await fresh.drop();
  });

  const spanOf = (name: string, traceId = TRACE): ReceivedSpan => {
    const found = receiver.spans().find((span) => span.traceId === traceId && span.name === name);
    if (!found) throw new Error(`no span "${name}" in ${JSON.stringify(receiver.spans())}`);
    return found;
  };

  it('lead from a request in the trace of its client to the command, the append and the projections', () => {
    const request = spanOf(REQUEST);
    const command = spanOf('command RateMovie');
    const append = spanOf('append viewing');
    expect(request.parentSpanId).to.equal(CALLER);
    expect(command.parentSpanId).to.equal(request.spanId);
    expect(append.parentSpanId).to.equal(command.spanId);
    expect(attributesOf(request.attributes)).to.include({
      ...{ 'http.request.method': 'PUT', 'http.response.status_code': 200 },
    });
    expect(attributesOf(command.attributes)).to.include({
      'reellog.correlation.id': correlationId,
    });
    const linked = receiver
      .spans()
      .filter(({ links = [] }) => links.some(({ spanId }) => spanId === append.spanId));
    expect(linked.map(({ name }) => name)).to.include.members(PROJECTED);
    // Each is a trace of its own: a batch may be of many requests.
    expect(new Set(linked.map(({ traceId }) => traceId))).to.have.lengthOf(linked.length);
    expect(linked.map(({ traceId }) => traceId)).to.not.include(TRACE);
  });

  it('are found from an event by its metadata', async () => {
    const log = await openEventLog(fresh.database, fresh.connectionString);
    try {
      const { events } = await log.readAll({ filter: { types: ['TitleRated'] } });
      expect(events.map(({ metadata }) => metadata.traceparent)).to.deep.equal([
        `00-${TRACE}-${spanOf('append viewing').spanId}-01`,
      ]);
    } finally {
      await log.close();
    }
  });

  it('are found from a log line by the ids on it', () => {
    const lines = ended.stderr
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
    const [line, ...more] = lines.filter((each) => memberOf(each, 'method') === 'PUT');
    expect(more).to.deep.equal([]);
    expect(line).to.include({
      trace_id: TRACE,
      span_id: spanOf(REQUEST).spanId,
      correlationId,
    });
  });

  it('say which service they are of, and what its environment says of it', () => {
    const about = { 'service.name': 'reellog', 'deployment.environment.name': 'test' };
    expect(receiver.resources()).to.not.have.length(0);
    for (const resource of receiver.resources()) expect(resource).to.include(about);
  });

  it('have the metrics that Prometheus gets', () => {
    expect([...receiver.metrics()]).to.include.members(METRICS);
  });

  it('keep the process no longer than it takes', () => {
    expect({ code: ended.code, signal: ended.signal }).to.deep.equal({ code: 0, signal: null });
  });
});

describe('A collector that does not answer', () => {
  it('holds up neither requests nor the end of the service', async () => {
    const fresh = await freshDatabase();
    const receiver = await startOtlpReceiver({ answers: false });
    try {
      const serving = await startServe({
        DATABASE_URL: fresh.connectionString,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_METRIC_EXPORT_INTERVAL: '100',
        OTEL_METRIC_EXPORT_TIMEOUT: '100',
      });
      try {
        await rateIn(serving, serving.token ?? '', uuidv7());
      } finally {
        expect((await serving.end('SIGTERM')).code).to.equal(0);
      }
    } finally {
      await receiver.close();
      await fresh.drop();
    }
  });
});

describe("OpenTelemetry's variables", () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
  const cases: readonly (readonly [string, Record<string, string>, boolean, boolean])[] = [
    ['nothing is set', {}, false, false],
    ['an endpoint is set', endpoint, true, true],
    ['it is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, false, false],
    ['it is for traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318' }, true, false],
    ['it is for metrics', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://c:4318' }, false, true],
    ['traces have an exporter', { OTEL_TRACES_EXPORTER: 'console' }, true, false],
    ['traces have none', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, false, true],
    ['metrics have none', { ...endpoint, OTEL_METRICS_EXPORTER: 'none' }, true, false],
    ['the SDK is switched off', { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }, false, false],
  ];
  for (const [when, environment, traces, metrics] of cases) {
    const sent = [traces ? ['traces'] : [], metrics ? ['metrics'] : []].flat().join(' and ');
    it(`send ${sent || 'nothing'} where ${when}`, () => {
      expect(exportedBy(environment)).to.deep.equal({ traces, metrics });
    });
  }
});
