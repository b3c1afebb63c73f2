import { Type, type TSchema } from 'typebox';
import { parameterNames, propertiesOf, type Route } from './route.js';

export const API_BASE = '/api/v1';

/** What a command answers. */
export const CommandAnswer = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'What the request was about or made.' }),
    revision: Type.Optional(Type.Integer({ minimum: 0, description: 'Also the `ETag`.' })),
    position: Type.Optional(
      Type.String({
        description: 'Send it as `Reellog-After` to read what this request wrote.',
      }),
    ),
    changed: Type.Boolean({ description: 'Whether anything was appended to the log.' }),
  },
  { additionalProperties: false },
);

/** RFC 9457. */
export const ProblemAnswer = Type.Object({
  type: Type.String({ format: 'uri-reference' }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  instance: Type.Optional(Type.String()),
  errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() }))),
});

const header = (description: string, example: string) => ({
  description,
  required: false,
  schema: { type: 'string', examples: [example] },
});

const requestHeaders = {
  'Idempotency-Key': header('Makes sending the same request again safe.', '0b8f1c1e'),
  'If-Match': header('The revision that must still be the newest.', '"3"'),
  'If-None-Match': header('The ETag of the answer you have.', '"Zk3…"'),
  'Reellog-After': header('Wait, at most 2 s, until the answer shows this position.', '4711'),
} as const;

const headerParameter = (name: keyof typeof requestHeaders) => ({
  name,
  in: 'header',
  ...requestHeaders[name],
});

const problemAnswer = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** The OpenAPI 3.1 document of the routes, made of the same schemas that check requests and answers. */
export const openApiDocument = (routes: readonly Route[], version: string) => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = `${API_BASE}${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Reellog',
      version,
      description:
        'Films and the watching people do with them. Every change is an event in an append-only log; ' +
        'everything read here is folded from it.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token, `reel_…`.' },
      },
      schemas: { Problem: toJson(ProblemAnswer), CommandAnswer: toJson(CommandAnswer) },
    },
  };
};

const operation = (route: Route) => ({
  operationId: route.operationId,
  summary: route.summary,
  tags: [route.tag],
  parameters: [...pathAndQuery(route), ...headersOf(route)],
  ...(bodyOf(route) === undefined
    ? {}
    : {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: toJson(bodyOf(route) ?? Type.Unknown()) } },
        },
      }),
  responses: { ...successOf(route), ...failuresOf(route) },
});

const parametersOf = (route: Route): TSchema =>
  route.kind === 'query' ? route.query.parameters : route.parameters;

const bodyOf = (route: Route): TSchema | undefined =>
  route.kind === 'query' ? undefined : route.body;

const pathAndQuery = (route: Route) => {
  const inPath = new Set(parameterNames(route.path));
  const schema = parametersOf(route);
  const required =
    'required' in schema && Array.isArray(schema.required) ? (schema.required as string[]) : [];
  return Object.entries(propertiesOf(schema)).map(([name, property]) => ({
    name,
    in: inPath.has(name) ? 'path' : 'query',
    required: inPath.has(name) || (required.includes(name) && !('default' in property)),
    schema: toJson(property),
  }));
};

const headersOf = (route: Route) => {
  if (route.kind === 'query') {
    return [headerParameter('If-None-Match'), headerParameter('Reellog-After')];
  }
  return route.kind === 'command'
    ? [headerParameter('Idempotency-Key'), headerParameter('If-Match')]
    : [];
};

const successOf = (route: Route): Record<string, unknown> => {
  const json = (schema: unknown) => ({ 'application/json': { schema } });
  switch (route.kind) {
    case 'query':
      return {
        200: { description: route.summary, content: json(toJson(route.query.answer)) },
        304: { description: 'You have this answer already.' },
      };
    case 'command': {
      const answer = { content: json({ $ref: '#/components/schemas/CommandAnswer' }) };
      return {
        ...(route.success === 204 ? { 204: { description: 'Done.' } } : {}),
        ...(route.success === 201 ? { 201: { description: 'Made.', ...answer } } : {}),
        ...(route.success === 204
          ? {}
          : { 200: { description: 'Done, or nothing to do.', ...answer } }),
      };
    }
    case 'plain':
      return {
        [route.success]: {
          description: route.summary,
          ...(route.answer === undefined ? {} : { content: json(toJson(route.answer)) }),
        },
      };
    default:
      return route satisfies never;
  }
};

const failuresOf = (route: Route): Record<string, unknown> => ({
  400: problemAnswer('The request does not have the form it should have.'),
  401: problemAnswer('A valid token is needed.'),
  403: problemAnswer('This token or person may not do that.'),
  404: problemAnswer('There is no such thing.'),
  ...(route.kind === 'command'
    ? {
        409: problemAnswer('It is there already, or the state does not allow it.'),
        410: problemAnswer('The time for it is over.'),
        412: problemAnswer('It was changed meanwhile.'),
        413: problemAnswer('Too large.'),
        415: problemAnswer('Not JSON.'),
        422: problemAnswer('A value breaks a rule.'),
      }
    : {}),
  429: problemAnswer('Too many requests.'),
  503: problemAnswer('The service cannot answer now; see `Retry-After`.'),
});

/** Plain data: schemas carry symbols and functions that do not belong into a document. */
const toJson = (schema: TSchema): unknown => JSON.parse(JSON.stringify(schema));
