import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { version } from '../../../../src/infra/version.js';
import { isZone } from '../../../../src/domain/validation.js';
import { API_BASE, openApiDocument } from '../../../../src/infra/http/openapi/openapi.js';
import { routes } from '../../../../src/infra/http/routes/routes.js';
import { memberOf, type HttpAnswer } from '../../../support/service/httpClient.js';

/** The document as clients get it: plain JSON. */
export const document: AnySchemaObject = JSON.parse(
  JSON.stringify(openApiDocument(routes, version)),
) as AnySchemaObject;

const ajv = new Ajv2020({ strict: false, validateSchema: false, multipleOfPrecision: 6 });
addFormats.default(ajv, ['date', 'date-time', 'uuid', 'uri', 'uri-reference']);
ajv.addFormat('zone', isZone);
ajv.addSchema(document, 'openapi.json');

const pointer = (...path: readonly string[]): string =>
  path
    .map((name) => `/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
    .join('');

/** What a `$ref` of the document leads to. */
export const resolved = (reference: string): unknown =>
  reference.startsWith('#/')
    ? memberOf(
        document,
        ...reference
          .slice(2)
          .split('/')
          .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')),
      )
    : undefined;

/** Where something stands in the document, behind a `$ref` if there is one. */
const placeOf = (...path: readonly string[]): { readonly at: string; readonly value: unknown } => {
  const value = memberOf(document, ...path);
  const reference = memberOf(value, '$ref');
  return typeof reference === 'string'
    ? { at: reference, value: resolved(reference) }
    : { at: `#${pointer(...path)}`, value };
};

const patterns = routes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`),
}));

/** The path, as the document writes it, that a request to an address below the API's base is of. */
export const pathOf = (address: string): string | undefined => {
  const path = address.split('?')[0] ?? '';
  const literal = patterns.find(({ route }) => route.path === path);
  const found = literal ?? patterns.find(({ pattern }) => pattern.test(path));
  return found && `${API_BASE}${found.route.path}`;
};

/** Headers that an answer has only when there is something to say. */
const sometimesOnReads = ['Reellog-Stale'];
const sometimesOnWrites = ['Reellog-Position', 'ETag', 'Reellog-Stale', 'Preference-Applied'];

/** Fails unless the document says of the operation that it may give this answer. */
export const expectDocumented = (path: string, method: string, answer: HttpAnswer): void => {
  const status = String(answer.status);
  const told = `${method} ${path} → ${status} ${answer.text.slice(0, 500)}`;
  const { at, value } = placeOf('paths', path, method.toLowerCase(), 'responses', status);
  expect(value, `${told}: a status that the document does not know`).to.be.an('object');
  for (const name of Object.keys(memberOf(value, 'headers') ?? {})) {
    if ((method === 'GET' ? sometimesOnReads : sometimesOnWrites).includes(name)) continue;
    expect(answer.headers[name.toLowerCase()], `${told}: ${name}`).to.be.a('string').that.is.not
      .empty;
  }
  const content = memberOf(value, 'content');
  if (content === undefined) {
    expect(answer.text, told).to.equal('');
    expect(answer.headers['content-type'], told).to.equal(undefined);
    return;
  }
  const [type = ''] = String(answer.headers['content-type']).split(';');
  expect(Object.keys(content as object), told).to.include(type);
  const check = ajv.getSchema(`openapi.json${at}${pointer('content', type, 'schema')}`);
  expect(check, told).to.be.a('function');
  const body = type === 'text/event-stream' ? answer.text : answer.json;
  expect(check?.(body), `${told}: ${ajv.errorsText(check?.errors)}`).to.equal(true);
};
