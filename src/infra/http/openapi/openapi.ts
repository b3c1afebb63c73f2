import type { TSchema } from 'typebox';
import { roleInWords } from '../../../domain/account/permissions.js';
import {
  answerHeaders,
  answersOf,
  CommandAnswer,
  ProblemAnswer,
  problemAnswers,
  toJson,
  webhookAnswers,
} from './openapiAnswers.js';
import { imagePath, takenImages } from './imagePath.js';
import { AS_OF } from '../../../queries/serving/moment.js';
import { parameterNames, propertiesOf, type Route } from '../route.js';
import { SECRET_HEADER } from '../webhooks/secret.js';
import type { Webhook } from '../webhooks/webhook.js';
import { webhooks } from '../webhooks/webhooks.js';

export const API_BASE = '/api/v1';

const headerParameter = (name: string, description: string, example: string) => ({
  name,
  in: 'header',
  description,
  required: false,
  schema: { type: 'string', examples: [example] },
});

const requestHeaders = {
  IdempotencyKey: headerParameter(
    'Idempotency-Key',
    'Makes sending the same request again safe.',
    '0b8f1c1e',
  ),
  IfMatch: headerParameter('If-Match', 'The revision that must still be the newest.', '"3"'),
  IfNoneMatch: headerParameter('If-None-Match', 'The ETag of the answer you have.', '"Zk3…"'),
  Prefer: headerParameter(
    'Prefer',
    '`wait=N`: answer when the read models show what was written, after at most N and 2 seconds (RFC 7240).',
    'wait=2',
  ),
  LastEventID: headerParameter(
    'Last-Event-ID',
    'The event that you had last: you are told what is new since.',
    '1795275600000-Zk3h8Q',
  ),
  ReellogAfter: headerParameter(
    'Reellog-After',
    'Wait, at most 2 s, until the answer shows this position.',
    '4711',
  ),
} as const;

const asOf = {
  name: AS_OF,
  in: 'query',
  description:
    'What the answer would have been then: at a position of the log, at an instant, or at the end of a day in ' +
    'your time zone. `Reellog-Position` tells which position that is.',
  required: false,
  schema: {
    type: 'string',
    examples: ['4711', '2026-02-06T20:15:00Z', '2026-02-06'],
  },
} as const;

const headerRef = (name: keyof typeof requestHeaders) => ({
  $ref: `#/components/parameters/${name}`,
});

const asOfParameter = { $ref: '#/components/parameters/AsOf' };

/** The OpenAPI 3.1 document of the routes, made of the same schemas that check requests and answers. */
export const openApiDocument = (routes: readonly Route[], version: string, serverUrl = '') => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = `${API_BASE}${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  for (const webhook of webhooks) {
    paths[`${API_BASE}${webhook.path}`] = { [webhook.method]: webhookOperation(webhook) };
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
    servers: [{ url: serverUrl === '' ? '/' : serverUrl }],
    security: [{ token: [] }],
    tags: [
      ...new Set([...[...routes, ...webhooks].map(({ tag }) => tag), ...imagePath.get.tags]),
    ].map((name) => ({ name })),
    paths: { ...paths, [`${API_BASE}/images/{hash}`]: imagePath },
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API token, `reel_…`. Each operation names the scope that it takes; `write` includes `watch`.',
        },
        webhookSecret: {
          ...{ type: 'apiKey', in: 'header', name: SECRET_HEADER },
          description: 'The secret that is set for this webhook.',
        },
        webhookPassword: {
          ...{ type: 'http', scheme: 'basic' },
          description: 'The same as a password; the name of the user does not matter.',
        },
      },
      schemas: { Problem: toJson(ProblemAnswer), CommandAnswer: toJson(CommandAnswer) },
      parameters: { ...requestHeaders, AsOf: asOf },
      headers: answerHeaders,
      responses: problemAnswers,
    },
  };
};

const operation = (route: Route) => {
  const content = contentOf(route);
  return {
    operationId: route.operationId,
    summary: route.summary,
    description: takesOf(route),
    tags: [route.tag],
    security: [{ token: [route.requires.scope] }],
    'x-role': route.requires.role,
    parameters: [...pathAndQuery(route), ...headersOf(route)],
    ...(content === undefined ? {} : { requestBody: { required: true, content } }),
    responses: answersOf(route),
  };
};

const webhookOperation = ({ operationId, summary, tag, body }: Webhook) => ({
  ...{ operationId, summary, tags: [tag] },
  description: 'Takes the secret that is set for it; where none is set it is not there.',
  security: [{ webhookSecret: [] }, { webhookPassword: [] }],
  parameters: [],
  requestBody: { required: true, content: { 'application/json': { schema: toJson(body) } } },
  responses: webhookAnswers,
});

/** The least that a request takes, in words. */
const takesOf = ({ requires: { role, scope } }: Route): string =>
  `Takes a token with the scope \`${scope}\`` +
  (role === 'member' ? '.' : `, and ${roleInWords[role]}.`);

const parametersOf = (route: Route): TSchema =>
  route.kind === 'query' ? route.query.parameters : route.parameters;

/** What the body of a request may be. */
const contentOf = (route: Route): Record<string, unknown> | undefined => {
  if (route.kind === 'query' || route.kind === 'stream') return undefined;
  if (route.kind === 'command' && route.takesImage) return takenImages;
  return route.body && { 'application/json': { schema: toJson(route.body) } };
};

const pathAndQuery = (route: Route) => {
  const inPath = new Set(parameterNames(route.path));
  const schema = parametersOf(route);
  const required =
    'required' in schema && Array.isArray(schema.required) ? (schema.required as string[]) : [];
  const own = Object.entries(propertiesOf(schema)).map(([name, property]) => ({
    name,
    in: inPath.has(name) ? 'path' : 'query',
    required: inPath.has(name) || (required.includes(name) && !('default' in property)),
    schema: toJson(property),
  }));
  return route.kind === 'query' && route.query.sources ? [...own, asOfParameter] : own;
};

const headersOf = (route: Route) => {
  switch (route.kind) {
    case 'query':
      return [headerRef('IfNoneMatch'), headerRef('ReellogAfter')];
    case 'command':
      return [headerRef('IdempotencyKey'), headerRef('IfMatch'), headerRef('Prefer')];
    case 'plain':
      return route.method === 'get' ? [] : [headerRef('IdempotencyKey')];
    case 'stream':
      return [headerRef('LastEventID')];
    default:
      return route satisfies never;
  }
};
