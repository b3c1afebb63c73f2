import type { BadValue } from './badRequest.js';

const value = (what: string, given: unknown): BadValue => ({ what, json: JSON.stringify(given) });
const written = (what: string, json: string): BadValue => ({ what, json });

/** Too deep for whoever goes down by recursion. */
const DEPTH = 20_000;
export const deepList = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
export const deepObject = '{"a":'.repeat(DEPTH) + '1' + '}'.repeat(DEPTH);

const notText = [value('a number', 5), value('a list', ['text']), value('an object', { a: 1 })];

/** What no text may be; of several lines where `lines` says so. */
export const badText = (
  longest: number,
  { empty = true, blank = false }: { readonly empty?: boolean; readonly blank?: boolean } = {},
): readonly BadValue[] => [
  ...notText,
  value(`of ${longest + 1} characters`, 'x'.repeat(longest + 1)),
  written('with a NUL', '"a\\u0000b"'),
  written('with a lone high surrogate', '"\\ud83c"'),
  written('with a lone low surrogate', '"film \\udfac"'),
  written('with an escape character', '"\\u001b[2J"'),
  ...(empty ? [value('empty', '')] : []),
  ...(blank ? [value('blank', '   ')] : []),
];

export const badInteger = (least: number, most: number): readonly BadValue[] => [
  value('text', String(least)),
  value('a list', [least]),
  value('a boolean', true),
  value('a fraction', least + 0.5),
  value('too small', least - 1),
  value('too large', most + 1),
  value('negative and huge', -Number.MAX_VALUE),
  value('huge', 1e300),
  written('larger than any number', '1e999'),
];

export const badNumber = (least: number, most: number): readonly BadValue[] => [
  value('text', String(least)),
  value('an object', {}),
  value('a boolean', false),
  value('too small', least - 0.1),
  value('too large', most + 0.1),
  value('huge', 1e300),
  written('less than any number', '-1e999'),
];

export const badDate: readonly BadValue[] = [
  value('a number', 20260206),
  value('a moment', '2026-02-06T00:00:00Z'),
  value('a day that no calendar shows', '2026-02-30'),
  value('a month that no calendar shows', '2026-13-01'),
  value('a year that no calendar shows', '0000-01-01'),
  value('a year of five digits', '12026-01-01'),
  value('written as people do', '6/2/2026'),
  value('empty', ''),
];

export const badZone: readonly BadValue[] = [
  value('a number', 2),
  value('an offset', '+02:00'),
  value('an abbreviation', 'PST'),
  value('a zone of another planet', 'Mars/Olympus_Mons'),
  value('empty', ''),
  value('far too long', 'Europe/'.repeat(20)),
  written('with a NUL', '"Europe/Berlin\\u0000"'),
];

export const badId: readonly BadValue[] = [
  value('a number', 1),
  value('no UUID', 'tt0017925'),
  value('a UUID in braces', '{00000000-0000-4000-8000-000000000001}'),
  value('a UUID as a URN', 'urn:uuid:00000000-0000-4000-8000-000000000001'),
  value('a UUID without hyphens', '00000000000040008000000000000001'),
  value('a UUID with a space', '00000000-0000-4000-8000-000000000001 '),
  value('SQL', "' or 1=1 --"),
];

export const badBoolean: readonly BadValue[] = [
  value('text', 'true'),
  value('a number', 1),
  value('an object', {}),
];

export const badChoice: readonly BadValue[] = [
  value('none of the choices', 'everything'),
  value('a number', 0),
  value('a list', []),
  value('a name that objects inherit', 'constructor'),
];

/** Lists of text. */
export const badNames = (most: number, length = 200): readonly BadValue[] => [
  value('text', 'Drama'),
  value('an object', { 0: 'Drama' }),
  { ...value('with a number', ['Drama', 5]), at: '1' },
  { ...value('with nothing', [null]), at: '0' },
  { ...value('with an entry too long', ['x'.repeat(length + 1)]), at: '0' },
  { ...written('with a NUL', '["a\\u0000"]'), at: '0' },
  value('with the same twice', ['Drama', 'Drama']),
  value(
    'too long',
    Array.from({ length: most + 1 }, (_, nth) => `name ${nth}`),
  ),
  { ...written('nested deeply', `[${deepList}]`), at: '0' },
  { ...written('nested deeply twice', `[${deepList},${deepList}]`), at: '0' },
];
