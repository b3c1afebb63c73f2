import { routes } from '../../../../src/infra/http/routes/routes.js';
import { needsBody } from '../../../../src/infra/http/handlers/requestBody.js';
import { parameterNames, type Route } from '../../../../src/infra/http/route.js';
import { addressOf, goodBodies, PICTURE, takesBody, takesImage } from '../requests.js';
import type { BadRequest, BadRequests } from './badRequest.js';
import { deepList, deepObject } from './values.js';

const withParameter = (address: string, name: string): string =>
  `${address}${address.includes('?') ? '&' : '?'}${name}=true`;
const requestTo = (route: Route) => ({
  method: route.method.toUpperCase(),
  path: addressOf(route),
  ...(takesImage(route) ? { raw: PICTURE } : {}),
  ...(takesBody(route) ? { body: goodBodies[route.operationId] } : {}),
});

const signIn = (route: Route): readonly BadRequest[] => [
  {
    what: 'no token',
    request: { ...requestTo(route), token: undefined },
    status: 401,
    type: 'unauthenticated',
  },
  {
    what: 'a token that was never given',
    request: { ...requestTo(route), token: `reel_${'A'.repeat(43)}` },
    status: 401,
    type: 'unauthenticated',
  },
  {
    what: 'a method that it has not',
    request: { ...requestTo(route), method: 'PROPFIND' },
    status: 405,
    type: 'method-not-allowed',
  },
];

const ids = (route: Route): readonly BadRequest[] =>
  parameterNames(route.path).flatMap((name) => {
    const bad = (what: string, id: string): BadRequest => ({
      what: `${what} as ${name}`,
      request: { ...requestTo(route), path: addressOf(route, { [name]: id }) },
      status: 400,
      type: 'malformed',
      field: name,
    });
    const { field: _, ...undecodable } = bad('bytes that are not UTF-8', '%E0%A4%A');
    return [
      bad('a word', name === 'name' || name === 'jobName' ? 'Metropolis' : 'metropolis'),
      bad('a number', '-1'),
      bad('a NUL', '%00'),
      bad('5,000 characters', 'a'.repeat(5_000)),
      undecodable,
    ];
  });

const headers = (route: Route): readonly BadRequest[] => {
  const bad = (what: string, field: string, sent: string): BadRequest => ({
    what,
    request: { ...requestTo(route), headers: { [field]: sent } },
    status: 400,
    type: 'malformed',
    field,
  });
  const badKeys = [
    bad('a key with spaces', 'Idempotency-Key', 'two words'),
    bad('a key of 201 characters', 'Idempotency-Key', 'k'.repeat(201)),
    bad('an empty key', 'Idempotency-Key', ''),
  ];
  switch (route.kind) {
    case 'command':
      return [
        bad('a revision without quotes', 'If-Match', '3'),
        bad('a revision without its last quote', 'If-Match', '"3'),
        bad('any revision and one', 'If-Match', '*, "3"'),
        bad('a list without a comma', 'If-Match', '"3" "4"'),
        bad('a revision without quotes', 'If-None-Match', '3'),
        ...badKeys,
      ];
    case 'query':
      return [
        bad('a position in words', 'Reellog-After', 'latest'),
        bad('a negative position', 'Reellog-After', '-1'),
        bad('a position beyond all', 'Reellog-After', '9999999999999999999'),
      ];
    case 'plain':
      return route.method === 'get' ? [] : badKeys;
    case 'stream':
      return [];
    default:
      return route satisfies never;
  }
};

const queryString = (route: Route): readonly BadRequest[] =>
  ['force', '__proto__'].map((name) => ({
    what: `the query parameter ${name}`,
    request: { ...requestTo(route), path: withParameter(addressOf(route), name) },
    status: 400,
    type: 'malformed',
    field: name,
  }));

/** Bodies that are no good for any route that takes one. */
const bodies = (route: Route): readonly BadRequest[] => {
  const { body = {}, ...request } = requestTo(route);
  const malformed = (what: string, raw: string, field: string): BadRequest => ({
    what,
    request: { ...request, raw },
    status: 400,
    type: 'malformed',
    field,
  });
  const notJson = (what: string, raw: string | Buffer): BadRequest => ({
    what,
    request: { ...request, raw },
    status: 400,
    type: 'invalid-json',
  });
  const unreadable = (what: string, sent: Readonly<Record<string, string>>): BadRequest => ({
    what,
    request: { ...request, raw: JSON.stringify(body), headers: sent },
    status: 415,
    type: 'unsupported-media-type',
  });
  const withMember = (member: string) => JSON.stringify(body).replace(/\}$/, `,${member}}`);
  return [
    malformed('a list', JSON.stringify([body]), ''),
    malformed('text', '"title"', ''),
    ...('body' in route && needsBody(route.body) ? [malformed('nothing', 'null', '')] : []),
    malformed('a number', '1e999', ''),
    malformed('a deep list', deepList, ''),
    malformed('an unknown field', withMember('"colour":"sepia"'), 'colour'),
    malformed('a field of all objects', withMember('"__proto__":{"role":"owner"}'), '__proto__'),
    malformed('an unknown field, deep', withMember(`"a":${deepObject}`), 'a'),
    notJson('words', 'title=The General'),
    notJson('JSON cut short', JSON.stringify(body).slice(0, -1)),
    notJson('two documents', `${JSON.stringify(body)}{}`),
    notJson('a number that JSON has not', withMember('"rating":NaN')),
    notJson('bytes that are not UTF-8', Buffer.from('7b22ff223a317d', 'hex')),
    unreadable('a form', { 'Content-Type': 'application/x-www-form-urlencoded' }),
    unreadable('plain text', { 'Content-Type': 'text/plain' }),
    unreadable('another character set', { 'Content-Type': 'application/json; charset=utf-16' }),
    unreadable('an encoding nobody knows', { 'Content-Encoding': 'rot13' }),
    {
      what: 'more than any request may be',
      request: { ...request, raw: withMember(`"a":"${'x'.repeat(300_000)}"`) },
      status: 413,
      type: 'too-large',
    },
  ];
};

/** Bodies that are no picture, or none that is taken. */
const pictures = (route: Route): readonly BadRequest[] => {
  const request = requestTo(route);
  const bad = (what: string, raw: string | Buffer, status: number, type: string): BadRequest => ({
    ...{ what, status, type },
    request: { ...request, raw },
  });
  return [
    bad('nothing', '', 415, 'unsupported-image'),
    bad('JSON', '{"kind":"poster"}', 415, 'unsupported-image'),
    bad('SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 415, 'unsupported-image'),
    bad('half a picture', PICTURE.subarray(0, 60), 422, 'damaged-image'),
    bad('more than any picture may be', Buffer.alloc(10_000_001), 413, 'too-large'),
    {
      ...bad('an encoding nobody knows', PICTURE, 415, 'unsupported-media-type'),
      request: { ...request, headers: { 'Content-Encoding': 'rot13' } },
    },
  ];
};

/** What says everything by its path takes no body. */
const noBody = (route: Route): readonly BadRequest[] => [
  {
    what: 'a body',
    request: { ...requestTo(route), body: { force: true } },
    status: 400,
    type: 'malformed',
    field: '',
  },
  {
    what: 'a list as body',
    request: { ...requestTo(route), body: [] },
    status: 400,
    type: 'malformed',
    field: '',
  },
  {
    what: 'a body that is not JSON',
    request: { ...requestTo(route), raw: '{' },
    status: 400,
    type: 'invalid-json',
  },
];

const bodiesFor = (route: Route): readonly BadRequest[] =>
  takesImage(route) ? pictures(route) : takesBody(route) ? bodies(route) : noBody(route);

/** What every route refuses in the same way. */
export const toEveryRoute: readonly BadRequests[] = routes.map((route) => ({
  about: route.operationId,
  cases: [
    ...signIn(route),
    ...ids(route),
    ...headers(route),
    ...queryString(route),
    ...(route.method === 'get' ? [] : bodiesFor(route)),
  ],
}));
