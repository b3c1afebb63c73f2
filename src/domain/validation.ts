import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Temporal } from 'temporal-polyfill';
import type { Static, TSchema } from 'typebox';
import { LOWER_CASE, PATTERNS_SAY } from './schemas.js';

/** What is wrong with a value, and where: `field` is a dotted path, empty for the whole value. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export type Validation<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

const known = new Map<string, boolean>();

/**
 * Whether a name is an IANA time zone that this runtime knows; UTC offsets such as `+02:00` are not, nor are
 * abbreviations: `Intl` lets ICU's own `PST` pass, in which Temporal refuses to reckon.
 */
export const isZone = (name: string): boolean => {
  let answer = known.get(name);
  if (answer === undefined) {
    answer = /^[A-Za-z]/.test(name) && canReckonIn(name);
    // Bounded by what clients can make up: forget rather than grow.
    if (known.size > 2000) known.clear();
    known.set(name, answer);
  }
  return answer;
};

const canReckonIn = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    Temporal.PlainDate.from('2000-01-01').toZonedDateTime(timeZone);
    return true;
  } catch {
    return false;
  }
};

const createAjv = (options: Options): Ajv2020 => {
  const ajv = new Ajv2020({
    // Ratings are multiples of 0.1, which binary floating point cannot hold exactly: up to 10 it is off by 3e-14.
    multipleOfPrecision: 12,
    // The first error is found fast; naming every field of a hostile body is a way to be kept busy.
    allErrors: false,
    strict: true,
    strictTypes: false,
    // That the schemas are JSON Schema is a test's to say: compiling the schema of schemas costs every start more
    // than compiling the few that it asks for.
    validateSchema: false,
    ...options,
  });
  addFormats.default(ajv, ['date', 'date-time', 'uuid', 'uri']);
  ajv.addFormat('zone', isZone);
  ajv.addKeyword({ keyword: 'x-personal', schemaType: 'boolean' });
  ajv.addKeyword({
    ...{ keyword: LOWER_CASE, type: 'string', schema: false, modifying: true },
    validate: (text: string, place?: Parameters<ValidateFunction>[1]) => {
      const lower = text.toLowerCase();
      // A bare value stands in nothing.
      if (lower !== text && typeof place?.parentData === 'object') {
        Object.assign(place.parentData, { [place.parentDataProperty]: lower });
      }
      return true;
    },
  });
  return ajv;
};

const strictAjv = createAjv({});
const coercingAjv = createAjv({ coerceTypes: true, useDefaults: true });

/**
 * A check that narrows the value's type, and puts ids in it into lower case. With `coerce`, strings become numbers and booleans and defaults are
 * filled in, in a copy of the value: for query strings, which are flat. The schema is compiled when it is first
 * asked for: compiling all of them took half of the time that every command of `reellog` needs to start.
 */
export const validator = <Schema extends TSchema>(
  schema: Schema,
  options: { readonly coerce?: boolean } = {},
): ((value: unknown) => Validation<Static<Schema>>) => {
  let compiled: ValidateFunction<Static<Schema>> | undefined;
  return (input) => {
    const ajv = options.coerce ? coercingAjv : strictAjv;
    const check = (compiled ??= ajv.compile<Static<Schema>>(schema));
    // Spread: assigning would lose a parameter called `__proto__`, which is to be refused like any other.
    const value: unknown = options.coerce && typeof input === 'object' ? { ...input } : input;
    if (!check(value)) return { ok: false, errors: describe(check.errors ?? []) };
    const field = options.coerce ? infiniteField(value) : undefined;
    return field === undefined
      ? { ok: true, value }
      : { ok: false, errors: [{ field, message: 'must be a finite number' }] };
  };
};

/** ajv coerces "Infinity", and then takes it for no number whose bounds were to be checked. */
const infiniteField = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(
        ([, member]) => typeof member === 'number' && !Number.isFinite(member),
      )?.[0]
    : undefined;

const describe = (errors: readonly ErrorObject[]): FieldError[] => {
  // Of a union's alternatives, the one that got deepest into the value tells most; what another one misses, least.
  const depth = (error: ErrorObject) => fieldOf(error).split('.').length;
  const deepest = Math.max(...errors.map(depth));
  const atDepth = errors.filter((error) => depth(error) === deepest && error.keyword !== 'anyOf');
  const present = atDepth.filter((error) => error.keyword !== 'required');
  const telling = [present, atDepth, errors].find((some) => some.length > 0) ?? [];
  const described = telling.map((error) => ({
    field: fieldOf(error),
    message: messageOf(error),
  }));
  return described.filter(
    (error, index) =>
      described.findIndex((e) => e.field === error.field && e.message === error.message) === index,
  );
};

const fieldOf = (error: ErrorObject): string => {
  const path = error.instancePath.split('/').slice(1);
  const named: unknown =
    error.params.missingProperty ??
    error.params.additionalProperty ??
    error.params.unevaluatedProperty;
  return [...path, ...(typeof named === 'string' ? [named] : [])].join('.');
};

const messageOf = (error: ErrorObject): string => {
  switch (error.keyword) {
    case 'additionalProperties':
      return 'is not a known field';
    case 'required':
      return 'is required';
    case 'enum':
      return `must be one of ${(error.params.allowedValues as unknown[]).join(', ')}`;
    case 'const':
      return `must be ${String(error.params.allowedValue)}`;
    case 'format':
      return error.params.format === 'zone'
        ? 'must be an IANA time zone name such as Europe/Berlin'
        : `must be a valid ${String(error.params.format)}`;
    case 'pattern':
      return (
        PATTERNS_SAY.get(String(error.params.pattern)) ??
        'has a form or characters that are not allowed here'
      );
    default:
      return error.message ?? 'is not valid';
  }
};
