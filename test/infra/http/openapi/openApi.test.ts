import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { imagePath } from '../../../../src/infra/http/openapi/imagePath.js';
import { routes } from '../../../../src/infra/http/routes/routes.js';
import { webhooks } from '../../../../src/infra/http/webhooks/webhooks.js';
import { document, resolved } from './documented.js';
import { openApiShape } from './openApiShape.js';
import { memberOf, textOf } from '../../../support/service/httpClient.js';

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly value: unknown;
}

const membersOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

const operations: readonly Operation[] = membersOf(memberOf(document, 'paths')).flatMap(
  ([path, item]) => membersOf(item).map(([method, value]) => ({ path, method, value })),
);

/** Every value of the document that is under a member of this name. */
const everyNamed = (name: string, value: unknown = document): readonly unknown[] =>
  membersOf(value).flatMap(([key, member]) => [
    ...(key === name ? [member] : []),
    ...everyNamed(name, member),
  ]);

const parametersOf = (operation: Operation): readonly unknown[] =>
  membersOf(memberOf(operation.value, 'parameters')).map(([, parameter]) => {
    const reference = memberOf(parameter, '$ref');
    return typeof reference === 'string' ? resolved(reference) : parameter;
  });

describe('The OpenAPI document', () => {
  it('is made of the objects of OpenAPI 3.1', () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
    const check = ajv.compile(openApiShape);
    expect(check(document), ajv.errorsText(check.errors)).to.equal(true);
  });

  it('has schemas of JSON Schema 2020-12 alone', () => {
    const schemas = [
      ...everyNamed('schema'),
      ...membersOf(memberOf(document, 'components', 'schemas')).map(([, schema]) => schema),
    ];
    expect(schemas.length).to.be.greaterThan(100);
    const ajv = new Ajv2020();
    for (const schema of schemas) {
      expect(schema).to.be.an('object');
      expect(ajv.validateSchema(schema as object), ajv.errorsText()).to.equal(true);
    }
  });

  it('has in it every route that is served, and nothing else', () => {
    expect(operations.map(({ path, method }) => `${method} ${path}`)).to.have.members([
      ...[...routes, ...webhooks].map(({ path, method }) => `${method} /api/v1${path}`),
      'get /api/v1/images/{hash}',
    ]);
  });

  it('names every operation once', () => {
    const names = operations.map(({ value }) => textOf(value, 'operationId'));
    expect(new Set(names).size).to.equal(names.length);
    expect(names).to.have.members([
      ...[...routes, ...webhooks].map(({ operationId }) => operationId),
      imagePath.get.operationId,
    ]);
  });

  it('declares every parameter of every path, each once', () => {
    for (const operation of operations) {
      const parameters = parametersOf(operation);
      const told = `${operation.method} ${operation.path}`;
      const inPath = parameters.filter((parameter) => memberOf(parameter, 'in') === 'path');
      expect(
        inPath.map((parameter) => memberOf(parameter, 'name')),
        told,
      ).to.have.members([...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      const places = parameters.map((one) => `${textOf(one, 'in')} ${textOf(one, 'name')}`);
      expect(new Set(places).size, told).to.equal(places.length);
    }
  });

  it('has no reference that leads nowhere', () => {
    const references = new Set(everyNamed('$ref'));
    expect(references.size).to.be.greaterThan(10);
    for (const reference of references) {
      expect(resolved(String(reference)), String(reference)).to.be.an('object');
    }
  });

  it('keeps nothing that no operation refers to', () => {
    const references = new Set(everyNamed('$ref'));
    for (const section of ['schemas', 'parameters', 'headers', 'responses']) {
      for (const [name] of membersOf(memberOf(document, 'components', section))) {
        expect(references, name).to.include(`#/components/${section}/${name}`);
      }
    }
  });

  it('says of every answer what is in it, and of 204 and 304 that nothing is', () => {
    for (const { value, path, method } of operations) {
      for (const [status, answer] of membersOf(memberOf(value, 'responses'))) {
        const reference = memberOf(answer, '$ref');
        const content = memberOf(
          typeof reference === 'string' ? resolved(reference) : answer,
          'content',
        );
        const told = `${method} ${path} → ${status}`;
        const route = routes.find((one) => one.method === method && `/api/v1${one.path}` === path);
        const good =
          route === undefined
            ? Object.keys(imagePath.get.responses[200].content)
            : [route.kind === 'stream' ? 'text/event-stream' : 'application/json'];
        const expected =
          status === '204' || status === '304'
            ? []
            : Number(status) < 400
              ? good
              : ['application/problem+json'];
        expect(
          membersOf(content).map(([type]) => type),
          told,
        ).to.deep.equal(expected);
      }
    }
  });

  it('lists the tags that operations have', () => {
    expect(
      membersOf(memberOf(document, 'tags')).map(([, tag]) => memberOf(tag, 'name')),
    ).to.have.members([...new Set(operations.map(({ value }) => textOf(value, 'tags', 0)))]);
  });

  it('stands in the repository as it is served: `npm run openapi` writes it', () => {
    const file = new URL('../../../../openapi/openapi.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal(document);
  });
});
