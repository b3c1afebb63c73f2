import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { Type, type TSchema } from 'typebox';
import { commandTypes } from '../../src/domain/commandTypes.js';
import { eventTypes } from '../../src/domain/eventTypes.js';
import {
  CountryCode,
  LanguageCode,
  Line,
  LocalDate,
  Name,
  Rating,
  Text,
  Uuid,
} from '../../src/domain/schemas.js';
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

describe('Text that people give', () => {
  const checks = [Line(100), Name(100), Text(100)].map((schema) => validator(schema));

  it('has no control characters, marks of direction, or hidden characters', () => {
    const codes = [
      ...[0x00, 0x07, 0x1b, 0x7f, 0x85, 0x9b, 0x61c, 0x180e, 0x200b, 0x200e, 0x200f],
      ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff],
    ];
    for (const code of codes) {
      for (const check of checks) {
        const checked = check(`a${String.fromCodePoint(code)}b`);
        expect(checked.ok, code.toString(16)).to.equal(false);
        if (!checked.ok) expect(checked.errors[0]?.message).to.include('control characters');
      }
    }
  });

  it('has joiners of emoji, Persian and Hindi, accents and every script', () => {
    for (const text of [
      '👨\u200d👩\u200d👧',
      'می\u200cخواهم',
      'क्\u200dष',
      'עברית',
      '❤\ufe0f',
      'Amélie',
    ]) {
      for (const check of checks) expect(check(text).ok, text).to.equal(true);
    }
    expect(validator(Name(100))('\u200d\u200c').ok).to.equal(false);
  });

  it('has line breaks where it is of several lines', () => {
    for (const text of ['one\ntwo', 'one\u2028two', 'one\u2029two']) {
      expect(checks.map((check) => check(text).ok)).to.deep.equal([false, false, true]);
    }
  });
});
