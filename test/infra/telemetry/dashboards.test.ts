import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { v7 as uuidv7 } from 'uuid';
import { parse as parseYaml } from 'yaml';
import { histograms, observed } from '../../../src/infra/telemetry/names.js';
import { scrape, type Scrape } from '../../support/telemetry/metrics.js';
import { parsePromQl } from '../../support/telemetry/promql.js';
import { startReellogWithServer } from '../../support/service/reellog.js';

const read = (name: string): string =>
  readFileSync(new URL(`../../../docs/operations/${name}`, import.meta.url), 'utf8');
const valid = <Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> =>
  Value.Parse(schema, value);

const Dashboard = Type.Object({
  uid: Type.String(),
  templating: Type.Object({
    list: Type.Array(
      Type.Object({
        name: Type.String(),
        query: Type.Union([Type.String(), Type.Object({ query: Type.String() })]),
      }),
    ),
  }),
  panels: Type.Array(
    Type.Object({
      id: Type.Integer(),
      type: Type.String(),
      title: Type.String(),
      gridPos: Type.Object({
        ...{ x: Type.Integer(), y: Type.Integer(), w: Type.Integer(), h: Type.Integer() },
      }),
      targets: Type.Optional(
        Type.Array(Type.Object({ refId: Type.String(), expr: Type.String() })),
      ),
    }),
  ),
});
const dashboard = valid(Dashboard, JSON.parse(read('dashboard.json')));

const Rules = Type.Object({
  groups: Type.Array(
    Type.Object({
      name: Type.String(),
      rules: Type.Array(
        Type.Object(
          {
            alert: Type.String({ pattern: '^Reellog[A-Z]\\w+$' }),
            expr: Type.String(),
            for: Type.Optional(Type.String({ pattern: '^\\d+[smh]$' })),
            labels: Type.Object({ severity: Type.Enum(['warning', 'critical']) }),
            annotations: Type.Object({ summary: Type.String() }),
          },
          { additionalProperties: false },
        ),
      ),
    }),
  ),
});
const alerts = valid(Rules, parseYaml(read('alerts.yml'))).groups.flatMap(({ rules }) => rules);

/** What Grafana puts in for its variables. */
const filledIn = (expression: string): string =>
  expression.replaceAll('$__rate_interval', '5m').replaceAll(/\$(job|instance)\b/g, '.*');

const panelExpressions = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => ({ of: title, expression: filledIn(expr) })),
);
const alertExpressions = alerts.map(({ alert, expr }) => ({ of: alert, expression: expr }));

/** What Prometheus adds by itself. */
const OF_PROMETHEUS = { metrics: ['up'], labels: ['job', 'instance'] };
/** There only where something went wrong. */
const ON_FAILURES = 'error_type';

describe('The dashboard and the alerts', () => {
  let scraped: Scrape;

  before(async () => {
    const running = await startReellogWithServer({ metricsPort: 0 });
    try {
      const movieId = uuidv7();
      const movie = { movieId, title: 'Metropolis', year: 1927 };
      await running.api({ method: 'POST', path: '/movies', body: movie });
      await running.api({ path: `/movies/${movieId}` });
      await running.caughtUp();
      // Slow enough to be seen.
      const slowly = { requestedBy: 'test', eventsPerSecond: 1 };
      await running.reellog.rebuilds.request(['stats'], slowly);
      scraped = await scrape(running.reellog.metricsUrl);
    } finally {
      await running.close();
    }
  });

  for (const { of, expression } of [...panelExpressions, ...alertExpressions]) {
    it(`ask for what there is: ${of}: ${expression.replaceAll(/\s+/g, ' ')}`, () => {
      const { selectors, grouping } = parsePromQl(expression);
      expect(selectors).to.not.have.length(0);
      const known = new Set([...OF_PROMETHEUS.labels, ON_FAILURES]);
      for (const { metric, labels } of selectors) {
        if (OF_PROMETHEUS.metrics.includes(metric)) continue;
        const samples = scraped.samples.filter(({ name }) => name === metric);
        expect(samples, metric).to.not.have.length(0);
        for (const label of samples.flatMap((sample) => Object.keys(sample.labels))) {
          known.add(label);
        }
        expect([...known]).to.include.members(labels);
      }
      expect([...known]).to.include.members(grouping);
    });
  }

  it('leave out no metric that is measured', () => {
    const asked = new Set(
      panelExpressions
        .flatMap(({ expression }) => parsePromQl(expression).selectors)
        .flatMap(({ metric }) => [metric, metric.replace(/_(bucket|sum|count)$/, '')]),
    );
    expect([...scraped.types.keys()].filter((family) => !asked.has(family))).to.deep.equal([]);
  });
});

describe('The dashboard', () => {
  it('has panels with ids of their own that lie beside each other', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids)).to.have.lengthOf(ids.length);
    const taken = new Set<string>();
    for (const { gridPos, title } of dashboard.panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w, title).to.be.at.most(24);
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          const place = `${column}/${line}`;
          expect(taken.has(place), `${title} at ${place}`).to.equal(false);
          taken.add(place);
        }
      }
    }
  });

  it('asks by the variables that it has', () => {
    const names = new Set([
      '__rate_interval',
      '__all',
      ...dashboard.templating.list.map(({ name }) => name),
    ]);
    const used = [...read('dashboard.json').matchAll(/\$\{?(\w+)\}?/g)].map(([, name]) => name);
    expect(used.filter((name) => name !== undefined && !names.has(name))).to.deep.equal([]);
  });
});

describe('docs/operations/monitoring.md', () => {
  const page = read('monitoring.md');
  const listed = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, name]) => name);

  it('explains every alert, and no other; each has a name of its own', () => {
    const names = alerts.map(({ alert }) => alert);
    expect(new Set(names)).to.have.lengthOf(names.length);
    expect(listed(/^\| `(Reellog[A-Z]\w+)`/gm)).to.deep.equal(names);
  });

  it('lists every metric, and no other', () => {
    expect(listed(/^\| `([a-z]\w*\.[\w.]+)`/gm)).to.deep.equal(
      [...Object.values(histograms), ...Object.values(observed)].map(({ name }) => name),
    );
  });
});
