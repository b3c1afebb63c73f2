import type { DataValidateFunction, DataValidationCxt } from 'ajv/dist/types/index.js';
import type { FuncKeywordDefinition, KeywordDefinition, SchemaObjCxt } from 'ajv/dist/2020.js';
import { INSTANT, LOWER_CASE, PERSONAL, SAYS } from '../schemas.js';
import { lacksOffset, parseInstant } from '../time/localTime.js';
import { isZone } from '../time/zones.js';

/** RFC 3339, but seconds may be left out, and the offset. */
const DATE_TIME =
  /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/** The format of moments as clients write them. */
export const isDateTime = (text: string): boolean => DATE_TIME.test(text);

/** Puts another value in the place of one that was checked; a bare value stands in no place. */
const replace = (place: DataValidationCxt | undefined, value: string): void => {
  if (typeof place?.parentData !== 'object') return;
  Object.assign(place.parentData, { [place.parentDataProperty]: value });
};

const lowerCase: FuncKeywordDefinition = {
  ...{ keyword: LOWER_CASE, type: 'string', schema: false, modifying: true },
  validate: (text: string, place?: DataValidationCxt) => {
    const lower = text.toLowerCase();
    if (lower !== text) replace(place, lower);
    return true;
  },
};

/** Reads a moment without an offset in the `timezone` of the whole value, where there is one. */
const instant: FuncKeywordDefinition = {
  ...{ keyword: INSTANT, type: 'string', schemaType: 'boolean', modifying: true, errors: true },
  compile: (_: boolean, __, { schemaEnv }: SchemaObjCxt) => {
    const { schema } = schemaEnv.root;
    const takesZone = typeof schema === 'object' && propertiesOf(schema).includes('timezone');
    const check: DataValidateFunction = (text: string, place?: DataValidationCxt) => {
      const zone = takesZone ? zoneOf(place?.rootData) : undefined;
      const found = parseInstant(text, zone);
      if (found !== undefined) replace(place, found);
      else check.errors = [{ keyword: INSTANT, message: refusal(text, takesZone), params: {} }];
      return found !== undefined;
    };
    return check;
  },
};

const propertiesOf = (schema: Readonly<Record<string, unknown>>): readonly string[] =>
  typeof schema.properties === 'object' ? Object.keys(schema.properties ?? {}) : [];

/** An unknown zone is an error of its own, which is found later. */
const zoneOf = (value: unknown): string | undefined => {
  const zone: unknown =
    typeof value === 'object' && value !== null && Reflect.get(value, 'timezone');
  if (typeof zone !== 'string') return undefined;
  return isZone(zone) ? zone : 'UTC';
};

const refusal = (text: string, takesZone: boolean): string => {
  if (!lacksOffset(text) || parseInstant(text, 'UTC') === undefined)
    return 'is not a time that exists';
  const orZone = takesZone ? ', or give "timezone", such as "Europe/Berlin"' : '';
  return `has no UTC offset: write it with one, such as ${text.replace(' ', 'T')}+01:00${orZone}`;
};

/** What schemas of ours have beside JSON Schema's own keywords. */
export const keywords: readonly KeywordDefinition[] = [
  { keyword: PERSONAL, schemaType: 'boolean' },
  { keyword: SAYS, schemaType: 'string' },
  lowerCase,
  instant,
];
