import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { Type, type TSchema } from 'typebox';
import { commandTypes } from '../../src/domain/commandTypes.js';
import { eventTypes } from '../../src/domain/eventTypes.js';
import { CountryCode, LanguageCode, LocalDate, Rating, Uuid } from '../../src/domain/schemas.js';
import { validator } from '../../src/domain/validation.js';

describe('A rating', () => {
  const check = validator(Rating);

  it('is every tenth from 0 to 10, as JSON writes it', () => {
    for (let tenths = 0; tenths <= 100; tenths += 1) {
      const text = (tenths / 10).toFixed(1);
      expect(check(JSON.parse(text)), text).to.include({ ok: true });
    }
  });

  it('is nothing between two tenths, however near to one', () => {
    const near = fc.integer({ min: 0, max: 99 });
    const beside = fc.integer({ min: 2, max: 9 });
    fc.assert(
      fc.property(near, beside, (tenths, decimals) => {
        expect(check(tenths / 10 + 10 ** -decimals)).to.include({ ok: false });
      }),
    );
  });
});

describe('What has not the form it should have', () => {
  for (const [schema, given, message] of [
    [
      ...[Uuid, '{dd8920b2-6a6a-576b-bc3e-4b638a565f4a}'],
      'must be a UUID such as 6a2f41a3-c54c-4a8e-9c1f-0b7d5a0e3c11',
    ],
    [LocalDate, '0000-01-01', 'must be a date such as 2026-11-20'],
    [LanguageCode, 'English', 'must be an ISO 639 language code such as en'],
    [CountryCode, 'us', 'must be an ISO 3166 country code such as US'],
  ] as const) {
    it(`is told what that is: "${given}" ${message}`, () => {
      const errors = [{ field: '', message }];
      expect(validator<TSchema>(schema)(given)).to.deep.equal({ ok: false, errors });
    });
  }
});

describe('An id', () => {
  it('is put into lower case where it stands, however deep', () => {
    const id = 'dd8920b2-6a6a-576b-bc3e-4b638a565f4a';
    const check = validator(
      Type.Object({
        one: Uuid,
        many: Type.Array(Uuid),
        either: Type.Union([Type.Object({ id: Uuid }), Type.Null()]),
      }),
    );
    const ids = (some: string) => ({ one: some, many: [some, id], either: { id: some } });
    expect(check(ids(id.toUpperCase()))).to.deep.equal({ ok: true, value: ids(id) });
    const frozen = Object.freeze({ ...ids(id), many: Object.freeze([id, id]) });
    expect(check(frozen), 'what is so already is left alone').to.include({ ok: true });
  });
});

describe('A schema', () => {
  // When they are first asked for, so that a start need not wait for all of them.
  it('is JSON Schema and can be compiled, of every command and every event', () => {
    const ajv = new Ajv2020();
    const schemas: readonly (readonly [string, TSchema])[] = [
      ...Object.entries(commandTypes),
      ...Object.entries(eventTypes).map(([name, { schema }]) => [name, schema] as const),
    ];
    for (const [name, schema] of schemas) {
      expect(ajv.validateSchema(schema), name).to.equal(true);
      expect(validator(schema)('no such thing'), name).to.include({ ok: false });
    }
  });

  it('that cannot be compiled is told of at the first question', () => {
    const check = validator(Type.String({ pattern: '(' }));
    expect(() => check('text')).to.throw(/regular expression/i);
  });
});
