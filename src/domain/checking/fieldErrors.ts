import type { ErrorObject } from 'ajv/dist/2020.js';
import { SAYS } from '../schemas.js';

/** What is wrong with a value, and where: `field` is a dotted path, empty for the whole value. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/**
 * What ajv found, as clients are told: one mistake, in words that say what to do.
 * @param errors in ajv's verbose form and order: those of a union's alternatives come before that of the union
 * @param options whether the value is a query string's
 */
export const fieldErrors = (
  errors: readonly ErrorObject[],
  options: { readonly coerce?: boolean },
): readonly FieldError[] => {
  const error = tellingError(errors);
  if (!error) return [];
  const inQuery = options.coerce === true;
  const field = fieldOf(error);
  // A query string has no places in lists: a parameter is given again.
  return [
    { field: inQuery ? field.replace(/\.\d+$/, '') : field, message: messageOf(error, inQuery) },
  ];
};

/**
 * The error that tells most. Of a union's alternatives that is the one that the value nearly is: the others are of no
 * interest to whoever meant that one. Where it is none of them, or several, the union itself is what is broken.
 */
const tellingError = (errors: readonly ErrorObject[]): ErrorObject | undefined => {
  const last = errors.at(-1);
  if (last?.keyword !== 'anyOf') return last;
  const alternatives = (last.schema as readonly unknown[]).map((_, nth) => {
    const within = `${last.schemaPath}/${nth}/`;
    return tellingError(errors.filter(({ schemaPath }) => schemaPath.startsWith(within)));
  });
  const nearly = alternatives.filter(
    (error): error is ErrorObject => error !== undefined && !isAnother(error, last),
  );
  const deepest = Math.max(...nearly.map(depthOf));
  const closest = nearly.filter((error) => depthOf(error) === deepest);
  const [only, ...more] = closest.some(isPresent) ? closest.filter(isPresent) : closest;
  return only && more.length === 0 ? only : last;
};

/** Of another type than the value's, or another word. */
const isAnother = (error: ErrorObject, union: ErrorObject): boolean =>
  error.instancePath === union.instancePath && ['type', 'const', 'enum'].includes(error.keyword);

const isPresent = (error: ErrorObject): boolean => error.keyword !== 'required';

const depthOf = ({ instancePath }: ErrorObject): number => instancePath.split('/').length;

const fieldOf = (error: ErrorObject): string => {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  const named: unknown = error.params.missingProperty ?? error.params.additionalProperty;
  return [...path, ...(typeof named === 'string' ? [named] : [])].join('.');
};

const messageOf = (error: ErrorObject, inQuery: boolean): string => {
  const { keyword, data, parentSchema = {} } = error;
  const limit = Number(error.params.limit);
  switch (keyword) {
    case 'additionalProperties': {
      const known = namesOf(parentSchema, inQuery);
      const what = `is not a known ${inQuery ? 'parameter' : 'field'}`;
      return known === undefined ? what : `${what} (known: ${known})`;
    }
    case 'required':
      return 'is required';
    case 'type':
      return inQuery && Array.isArray(data) ? 'is given more than once' : mustBe(parentSchema);
    case 'anyOf':
    case 'enum':
    case 'const':
      return says(parentSchema) ?? mustBe(parentSchema);
    case 'format':
    case 'pattern':
      return says(parentSchema) ?? 'has a form that is not allowed here';
    case 'minLength':
      return limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`;
    case 'maxLength':
      return `must have at most ${limit} characters`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'multipleOf':
      return error.params.multipleOf === 0.1
        ? 'must have at most one decimal'
        : `must be a multiple of ${String(error.params.multipleOf)}`;
    case 'minItems':
      return `must have at least ${counted(limit, 'entry', 'entries')}`;
    case 'maxItems':
      return `must have at most ${counted(limit, 'entry', 'entries')}`;
    case 'minProperties':
      return `must have at least one of ${namesOf(parentSchema, inQuery) ?? 'its fields'}`;
    case 'uniqueItems':
      return 'must not have the same entry twice';
    default:
      return error.message ?? 'is not valid';
  }
};

/** More names are for the documentation to tell. */
const MOST_NAMES = 20;

/** The names that a value may have, where they are few; in a query string without those that the path gives. */
const namesOf = ({ properties, required }: Schema, inQuery: boolean): string | undefined => {
  if (typeof properties !== 'object' || properties === null) return undefined;
  const given = inQuery && Array.isArray(required) ? required : [];
  const names = Object.entries(properties)
    .filter(([name, { default: usual }]) => usual !== undefined || !given.includes(name))
    .map(([name]) => name);
  return names.length === 0 || names.length > MOST_NAMES ? undefined : names.join(', ');
};

const counted = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

type Schema = Readonly<Record<string, unknown>>;

const says = (schema: Schema): string | undefined => {
  const text = schema[SAYS];
  return typeof text === 'string' ? text : undefined;
};

const mustBe = (schema: Schema): string => {
  const kinds = kindsOf(schema);
  const only = kinds.length > 1 && kinds.every((kind) => kind.startsWith('"'));
  return only
    ? `must be one of ${kinds.map((kind) => kind.slice(1, -1)).join(', ')}`
    : `must be ${kinds.join(' or ')}`;
};

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

/** What a value may be, in words; choices as JSON writes them. */
const kindsOf = (schema: Schema): readonly string[] => {
  if (Array.isArray(schema.anyOf)) return schema.anyOf.flatMap((one: Schema) => kindsOf(one));
  if (Array.isArray(schema.enum)) return schema.enum.map((choice) => JSON.stringify(choice));
  if ('const' in schema) return [JSON.stringify(schema.const)];
  const form = 'format' in schema ? /^must be (.*)/.exec(says(schema) ?? '')?.[1] : undefined;
  if (form !== undefined) return [form];
  return [TYPES[String(schema.type)] ?? 'something else'];
};
