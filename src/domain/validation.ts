import { Ajv2020, type Options, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Static, TSchema } from 'typebox';
import { fieldErrors, type FieldError } from './checking/fieldErrors.js';
import { isDateTime, keywords } from './checking/keywords.js';
import { isZone } from './time/zones.js';

export { isZone };
export type { FieldError };

export type Validation<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

const createAjv = (options: Options): Ajv2020 => {
  const ajv = new Ajv2020({
    // Ratings are multiples of 0.1, which binary floating point cannot hold exactly: up to 10 it is off by 3e-14.
    multipleOfPrecision: 12,
    // The first error is found fast; naming every field of a hostile body is a way to be kept busy.
    allErrors: false,
    // Errors come with the schema that is broken, and the value.
    verbose: true,
    strict: true,
    strictTypes: false,
    // That the schemas are JSON Schema is a test's to say: compiling the schema of schemas costs every start more
    // than compiling the few that it asks for.
    validateSchema: false,
    ...options,
  });
  addFormats.default(ajv, ['date', 'uuid', 'uri']);
  ajv.addFormat('date-time', isDateTime);
  ajv.addFormat('zone', isZone);
  for (const keyword of keywords) ajv.addKeyword(keyword);
  return ajv;
};

const strictAjv = createAjv({});
// What may be given several times is a list, be it of one.
const coercingAjv = createAjv({ coerceTypes: 'array', useDefaults: true });

/**
 * A check that narrows the value's type. It leaves ids in lower case and clients' moments as instants, in the value
 * itself. With `coerce`, strings become numbers and booleans and defaults are filled in, in a copy of the value: for
 * query strings, which are flat. The schema is compiled when it is first asked for: compiling all of them took half
 * of the time that every command of `reellog` needs to start.
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
    if (!check(value)) return { ok: false, errors: fieldErrors(check.errors ?? [], options) };
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
