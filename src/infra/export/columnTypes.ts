import type { TSchema } from 'typebox';
import { Instant } from '../../domain/schemas.js';
import { snakeCase } from './table.js';

/** The parts of a JSON Schema that decide what column a value goes into. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly maximum?: number;
  readonly multipleOf?: number;
}

const LARGEST_INTEGER = 2_147_483_647;

export const schemaOf = (schema: TSchema): JsonSchema => schema;

/** What a value can be, `null` apart. */
export const alternativesOf = (
  schema: JsonSchema,
): { readonly schemas: readonly JsonSchema[]; readonly nullable: boolean } => {
  const all = schema.anyOf ?? [schema];
  const schemas = all.filter(({ type }) => type !== 'null');
  return { schemas, nullable: schemas.length < all.length };
};

const { pattern: INSTANT } = schemaOf(Instant);

const textType = ({ format, pattern }: JsonSchema): string => {
  if (pattern === INSTANT) return 'TIMESTAMPTZ';
  if (format === 'uuid') return 'UUID';
  return format === 'date' ? 'DATE' : 'VARCHAR';
};

/** With a step of 0.1 to at most 10: three digits, one of them behind the point. */
const numberType = ({ multipleOf, maximum }: JsonSchema): string => {
  if (multipleOf === undefined || maximum === undefined) return 'DOUBLE';
  const scale = Math.max(0, -Math.floor(Math.log10(multipleOf)));
  return `DECIMAL(${String(Math.trunc(maximum)).length + scale},${scale})`;
};

/** The type of a struct's value: its fields, named as columns are. */
const structType = ({ properties = {} }: JsonSchema): string => {
  const fields = Object.entries(properties).map(
    ([name, field]) => `"${snakeCase(name)}" ${columnType(alternativesOf(field).schemas)}`,
  );
  return `STRUCT(${fields.join(', ')})`;
};

const singleType = (schema: JsonSchema): string => {
  const given = schema.const ?? schema.enum?.[0];
  switch (schema.type ?? typeof given) {
    case 'boolean':
      return 'BOOLEAN';
    case 'integer':
      return (schema.maximum ?? Infinity) <= LARGEST_INTEGER ? 'INTEGER' : 'BIGINT';
    case 'number':
      return numberType(schema);
    case 'string':
      return textType(schema);
    case 'array':
      return `${columnType(alternativesOf(schema.items ?? {}).schemas)}[]`;
    case 'object':
      return structType(schema);
    default:
      throw new Error(`no column can hold ${JSON.stringify(schema)}`);
  }
};

/**
 * The type of the column for a value that is one of these; a list where it may be a list or what is in one.
 * @throws where no one type holds them all
 */
export const columnType = (schemas: readonly JsonSchema[]): string => {
  const types = new Set(schemas.map(singleType));
  const list = [...types].find((type) => type.endsWith('[]'));
  if (list !== undefined) types.delete(list.slice(0, -2));
  const [type] = types;
  if (type === undefined || types.size > 1) {
    throw new Error(`no column can hold ${JSON.stringify(schemas)}`);
  }
  return type;
};
