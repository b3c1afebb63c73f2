import { Type, type TSchema } from 'typebox';
import type { Route } from '../route.js';

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
export const ProblemAnswer = Type.Object(
  {
    type: Type.String({ format: 'uri-reference' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.Optional(Type.String()),
    instance: Type.Optional(Type.String()),
    errors: Type.Optional(
      Type.Array(
        Type.Object(
          {
            field: Type.String({ description: 'Its dotted path; empty for the whole request.' }),
            message: Type.String(),
          },
          { additionalProperties: false },
        ),
        { minItems: 1 },
      ),
    ),
    existingId: Type.Optional(
      Type.String({ format: 'uuid', description: 'What is there already (409).' }),
    ),
    revision: Type.Optional(
      Type.Integer({ minimum: 0, description: 'The newest revision (412).' }),
    ),
  },
  { additionalProperties: false },
);

const header = (description: string) => ({ description, schema: { type: 'string' } });

/** Headers of answers, by their name. */
export const answerHeaders = {
  'Cache-Control': header(
    '`private, no-cache`: keep it, but ask with `If-None-Match` before use. Answers as of a moment that is over ' +
      'may be used for a day.',
  ),
  ETag: header('Of a read: names these very bytes. Of a write: the new revision, for `If-Match`.'),
  Location: header('Where what was made can be found.'),
  'Preference-Applied': header('The `Prefer` of the request, where it was applied (RFC 7240).'),
  'Reellog-Position': header('The position of the log that the answer shows, or that was written.'),
  'Reellog-Stale': header(
    '`true`: the position asked for by `Reellog-After`, or waited for by `Prefer`, is not shown yet.',
  ),
  'Retry-After': header('Seconds to wait.'),
  'WWW-Authenticate': header('How to sign in (RFC 6750).'),
  'X-Correlation-Id': header('Stands in the metadata of every event that the request led to.'),
} as const;

type HeaderName = keyof typeof answerHeaders;

const headers = (...names: readonly HeaderName[]) => ({
  headers: Object.fromEntries(
    names.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  ),
});

const problemAnswer = (description: string, ...names: readonly HeaderName[]) => ({
  description,
  ...(names.length === 0 ? {} : headers(...names)),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** What goes wrong, by the name that the document gives it. */
export const problemAnswers = {
  Malformed: problemAnswer('The request is malformed.'),
  Unauthenticated: problemAnswer('A valid token is needed.', 'WWW-Authenticate'),
  Forbidden: problemAnswer('This token or person may not do that.'),
  NotFound: problemAnswer('Not found.'),
  Conflict: problemAnswer(
    'It is there already, the state does not allow it, or the key was used for another request.',
  ),
  Gone: problemAnswer('It is too late for this.'),
  RevisionMismatch: problemAnswer('`If-Match` or `If-None-Match` does not hold.'),
  TooLarge: problemAnswer('Too large.'),
  NotJson: problemAnswer('Not of a type that is taken.'),
  Invalid: problemAnswer('A value breaks a rule.'),
  TooManyRequests: problemAnswer('Too many requests.', 'Retry-After'),
  Unavailable: problemAnswer('The service cannot answer now.', 'Retry-After'),
} as const;

/** What is answered where something goes wrong. */
export const refused = (name: keyof typeof problemAnswers) => ({
  $ref: `#/components/responses/${name}`,
});

/** Every status that a route answers with. */
export const answersOf = (route: Route): Record<string, unknown> => ({
  ...successOf(route),
  ...failuresOf(route),
});

const successOf = (route: Route): Record<string, unknown> => {
  const json = (schema: unknown) => ({ content: { 'application/json': { schema } } });
  switch (route.kind) {
    case 'query': {
      const sent = ['ETag', 'Cache-Control', 'Reellog-Position', 'Reellog-Stale'] as const;
      return {
        200: {
          description: route.summary,
          ...headers(...sent),
          ...json(toJson(route.query.answer)),
        },
        304: { description: 'You have this answer already.', ...headers(...sent) },
      };
    }
    case 'command': {
      const sent = [
        ...(['ETag', 'Reellog-Position', 'Reellog-Stale', 'Preference-Applied'] as const),
        'X-Correlation-Id',
      ] as const;
      if (route.success === 204) return { 204: { description: 'Done.', ...headers(...sent) } };
      const answer = json({ $ref: '#/components/schemas/CommandAnswer' });
      const located = route.location ? (['Location'] as const) : [];
      return {
        200: { description: 'Done, or nothing to do.', ...headers(...sent), ...answer },
        ...(route.success === 201
          ? { 201: { description: 'Made.', ...headers(...sent, ...located), ...answer } }
          : {}),
      };
    }
    case 'plain':
      return {
        [route.success]: {
          description: route.summary,
          ...(route.location ? headers('Location') : {}),
          ...(route.answer === undefined ? {} : json(toJson(route.answer))),
        },
      };
    case 'stream': {
      const events = Object.entries(route.events).map(([name, data]) => ({
        type: 'object',
        required: ['event', 'data'],
        properties: { event: { const: name }, data: toJson(data) },
      }));
      return {
        200: {
          description: `${route.summary}, as server-sent events.`,
          content: { 'text/event-stream': { schema: { type: 'string', 'x-events': events } } },
        },
        204: { description: 'You have had the last event already: do not come again.' },
      };
    }
    default:
      return route satisfies never;
  }
};

const failuresOf = (route: Route): Record<string, unknown> => ({
  400: refused('Malformed'),
  401: refused('Unauthenticated'),
  403: refused('Forbidden'),
  404: refused('NotFound'),
  ...(route.kind === 'command'
    ? {
        409: refused('Conflict'),
        410: refused('Gone'),
        422: refused('Invalid'),
      }
    : {}),
  ...(route.kind === 'plain' && route.method !== 'get' ? { 409: refused('Conflict') } : {}),
  ...(route.kind === 'stream' ? {} : { 412: refused('RevisionMismatch') }),
  ...(route.method === 'get' ? {} : { 413: refused('TooLarge'), 415: refused('NotJson') }),
  429: refused('TooManyRequests'),
  503: refused('Unavailable'),
});

/** Every status that a webhook is answered with. */
export const webhookAnswers = {
  204: { description: 'Done, or nothing to do.' },
  400: refused('Malformed'),
  401: refused('Unauthenticated'),
  404: refused('NotFound'),
  413: refused('TooLarge'),
  415: refused('NotJson'),
  429: refused('TooManyRequests'),
  503: refused('Unavailable'),
} as const;

/** Plain data: what schemas have beside JSON Schema's own keywords does not belong into a document. */
export const toJson = (schema: TSchema): unknown =>
  JSON.parse(
    JSON.stringify(schema, (name, value: unknown) => (name.startsWith('x-') ? undefined : value)),
  );
