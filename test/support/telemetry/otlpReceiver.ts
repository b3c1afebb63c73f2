import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

const Attribute = Type.Object({
  key: Type.String(),
  value: Type.Object({
    stringValue: Type.Optional(Type.String()),
    intValue: Type.Optional(Type.Union([Type.Integer(), Type.String()])),
  }),
});
const Resource = Type.Object({ attributes: Type.Array(Attribute) });
const Span = Type.Object({
  traceId: Type.String(),
  spanId: Type.String(),
  parentSpanId: Type.Optional(Type.String()),
  name: Type.String(),
  kind: Type.Integer(),
  attributes: Type.Array(Attribute),
  links: Type.Optional(Type.Array(Type.Object({ traceId: Type.String(), spanId: Type.String() }))),
});
const Traces = Type.Object({
  resourceSpans: Type.Array(
    Type.Object({
      resource: Resource,
      scopeSpans: Type.Array(Type.Object({ spans: Type.Array(Span) })),
    }),
  ),
});
const Metrics = Type.Object({
  resourceMetrics: Type.Array(
    Type.Object({
      resource: Resource,
      scopeMetrics: Type.Array(
        Type.Object({ metrics: Type.Array(Type.Object({ name: Type.String() })) }),
      ),
    }),
  ),
});

export type ReceivedSpan = Static<typeof Span>;

/** A collector: takes what is exported by OTLP over HTTP as JSON, and keeps it. */
export interface OtlpReceiver {
  readonly url: string;
  spans(): readonly ReceivedSpan[];
  /** The names of the metrics that have come. */
  metrics(): ReadonlySet<string>;
  /** The attributes of the services that have sent something. */
  resources(): readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

/** @param answers whether it answers at all: one that does not leaves every exporter waiting */
export const startOtlpReceiver = async ({ answers = true } = {}): Promise<OtlpReceiver> => {
  const spans: ReceivedSpan[] = [];
  const metrics = new Set<string>();
  const resources: Record<string, unknown>[] = [];
  const came = (resource: Static<typeof Resource>): void => {
    resources.push(attributesOf(resource.attributes));
  };
  const taken: Readonly<Record<string, (body: unknown) => void>> = {
    '/v1/traces': (body) => {
      for (const { resource, scopeSpans } of parsed(Traces, body).resourceSpans) {
        came(resource);
        spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      }
    },
    '/v1/metrics': (body) => {
      for (const { resource, scopeMetrics } of parsed(Metrics, body).resourceMetrics) {
        came(resource);
        for (const { name } of scopeMetrics.flatMap((scope) => scope.metrics)) metrics.add(name);
      }
    },
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.once('end', () => {
      if (!answers) return;
      const take = taken[request.url ?? ''];
      take?.(JSON.parse(Buffer.concat(parts).toString('utf8')));
      response.writeHead(take ? 200 : 404, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans: () => spans,
    metrics: () => metrics,
    resources: () => resources,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};

const parsed = <Schema extends TSchema>(schema: Schema, body: unknown): Static<Schema> =>
  Value.Parse(schema, body);

/** As name → value. */
export const attributesOf = (
  attributes: readonly Static<typeof Attribute>[],
): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.intValue === undefined ? value.stringValue : Number(value.intValue),
    ]),
  );
