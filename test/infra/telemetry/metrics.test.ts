import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import { histograms, observed } from '../../../src/infra/telemetry/names.js';
import { openEventStream } from '../../support/service/eventStream.js';
import { scrape, type Scrape } from '../../support/telemetry/metrics.js';
import { startReellog, type RunningReellog } from '../../support/service/reellog.js';

describe('GET /metrics', () => {
  let running: RunningReellog;
  const movieId = uuidv7();

  const collect = (): Promise<Scrape> => scrape(running.reellog.metricsUrl);
  const rate = (rating: number) =>
    running.api({ method: 'PUT', path: `/movies/${movieId}/rating`, body: { rating } });

  before(async () => {
    running = await startReellog({ metricsPort: 0 });
    const movie = { movieId, title: 'Metropolis', year: 1927, runtimeMinutes: 153 };
    await running.api({ method: 'POST', path: '/movies', body: movie });
    await rate(4);
    await running.caughtUp();
  });

  after(() => running.close());

  it('counts requests by route, method and status, those answered from the cache as well', async () => {
    const route = '/api/v1/movies/{movieId}';
    const about = { http_request_method: 'GET', http_route: route };
    const name = 'http_server_request_duration_seconds_count';
    for (const id of [movieId, movieId, movieId, uuidv7()]) {
      await running.api({ path: `/movies/${id}` });
    }
    await running.send({ path: `/nothing/${uuidv7()}` });
    const { sum, samples } = await collect();
    expect(sum(name, { ...about, http_response_status_code: '200' })).to.equal(3);
    expect(sum(name, { ...about, http_response_status_code: '404' })).to.equal(1);
    expect(sum(name, { http_route: `${route}/rating`, http_response_status_code: '200' })).to.equal(
      1,
    );
    // No address of a client's making is a label.
    expect(JSON.stringify(samples)).to.not.include(movieId).and.not.include('/nothing');
  });

  it('leaves out streams of events, which last for as long as their readers like', async () => {
    const route = '/api/v1/rebuilds/progress';
    const stream = await openEventStream({
      ...{ url: `${running.url}${route}`, token: running.owner.token },
    });
    expect(stream.status).to.equal(200);
    stream.close();
    await stream.ended;
    const { samples } = await collect();
    expect(samples.filter(({ labels }) => labels.http_route === route)).to.deep.equal([]);
  });

  it('counts commands by type and by what became of them', async () => {
    const name = 'reellog_command_duration_seconds_count';
    const of = (outcome: string, more: Record<string, string> = {}) => ({
      ...{ reellog_command_name: 'RateMovie', reellog_command_outcome: outcome },
      ...more,
    });
    const before = await collect();
    await rate(5);
    await rate(5);
    await rate(500);
    await running.api({
      ...{ method: 'PUT', path: `/movies/${uuidv7()}/rating`, body: { rating: 3 } },
    });
    const after = await collect();
    const more = (labels: Record<string, string>) =>
      (after.sum(name, labels) ?? 0) - (before.sum(name, labels) ?? 0);
    expect(more(of('appended'))).to.equal(1);
    expect(more(of('unchanged'))).to.equal(1);
    expect(more(of('rejected', { error_type: 'malformed' }))).to.equal(1);
    expect(more(of('rejected', { error_type: 'not-found' }))).to.equal(1);
  });

  it('tells how far each read model is, and how its batches went', async () => {
    await running.caughtUp();
    const { sum } = await collect();
    const head = Number(await running.head());
    const { names } = running.reellog.engine;
    const each = (metric: string) =>
      names.map((projection) => sum(metric, { reellog_projection_name: projection }));
    expect(sum('reellog_log_position')).to.equal(head);
    expect(each('reellog_projection_position')).to.deep.equal(names.map(() => head));
    expect(each('reellog_projection_lag_events')).to.deep.equal(names.map(() => 0));
    expect(each('reellog_projection_lag_time_seconds')).to.deep.equal(names.map(() => 0));
    expect(each('reellog_projection_parked')).to.deep.equal(names.map(() => 0));
    expect(each('reellog_projection_stalled')).to.deep.equal(names.map(() => 0));
    expect(each('reellog_projection_failures_total')).to.deep.equal(names.map(() => 0));
    expect(
      names.map((projection) =>
        sum('reellog_projection_state', {
          ...{ reellog_projection_name: projection, reellog_projection_state: 'live' },
        }),
      ),
    ).to.deep.equal(names.map(() => 1));
    const ratings = { reellog_projection_name: 'ratings' };
    expect(sum('reellog_projection_batch_events_sum', ratings)).to.be.greaterThan(0);
    expect(sum('reellog_projection_batch_duration_seconds_count', ratings)).to.be.greaterThan(0);
  });

  it('tells what the cache holds, and how often it had the answer', async () => {
    const before = await collect();
    await running.api({ path: '/me/stats' });
    await running.api({ path: '/me/stats' });
    const after = await collect();
    const more = (result: string) => {
      const labels = { reellog_cache_result: result };
      const name = 'reellog_cache_requests_total';
      return (after.sum(name, labels) ?? NaN) - (before.sum(name, labels) ?? NaN);
    };
    expect([more('miss'), more('hit')]).to.deep.equal([1, 1]);
    expect(after.sum('reellog_cache_entries')).to.be.greaterThan(0);
  });

  it('has every instrument that there is a name for, with its type', async () => {
    const { types } = await collect();
    const suffix: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes', '1': '_ratio' };
    const named = (name: string, unit: string) => name.replaceAll('.', '_') + (suffix[unit] ?? '');
    // The tests' database is not the service's own, the log may be elsewhere, and nothing is rebuilt.
    const absent = new Set(['system.filesystem.usage', 'system.filesystem.limit']);
    absent.add(observed.rebuildProgress.name);
    // No provider is configured.
    absent.add(histograms.outgoingDuration.name);
    if (running.reellog.eventStore.readsMayLag) {
      for (const { name } of [histograms.commitAppends, histograms.commitDuration]) {
        absent.add(name);
      }
    } else {
      for (const { name } of [observed.mirrorEvents, observed.mirrorLag, observed.mirrorFault]) {
        absent.add(name);
      }
    }
    const expected = [
      ...Object.values(histograms).map((one) => ({ ...one, kind: 'histogram' })),
      ...Object.values(observed),
    ]
      .filter(({ name }) => !absent.has(name))
      .map(({ name, unit, kind }): [string, string] => [
        `${named(name, unit)}${kind === 'counter' ? '_total' : ''}`,
        kind,
      ]);
    expect(Object.fromEntries(types)).to.deep.equal(Object.fromEntries(expected));
  });

  it('serves nothing else, and nothing but what is asked for', async () => {
    const url = new URL(running.reellog.metricsUrl ?? '');
    const status = async (path: string, method = 'GET') =>
      (await fetch(new URL(path, url), { method, signal: AbortSignal.timeout(60_000) })).status;
    expect(await status('/')).to.equal(404);
    expect(await status('/metrics', 'POST')).to.equal(405);
    expect(await status('/metrics?ignored')).to.equal(200);
    expect((await running.send({ path: '/metrics' })).status).to.equal(404);
    const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
    expect(answer.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8');
  });
});

describe('A service without REELLOG_METRICS_PORT', () => {
  it('serves no metrics', async () => {
    const running = await startReellog();
    try {
      expect(running.reellog.metricsUrl).to.equal(undefined);
    } finally {
      await running.close();
    }
  });
});
