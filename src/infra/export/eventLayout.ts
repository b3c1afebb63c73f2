import type { TSchema } from 'typebox';
import { alternativesOf, columnType, schemaOf, type JsonSchema } from './columnTypes.js';
import { snakeCase, type Column } from './table.js';

/** A row by the names of its columns; what has no value is left out. */
export type Row = Record<string, unknown>;

/** How the data of one type of event become the columns of a row. */
export interface EventLayout {
  readonly columns: readonly Column[];
  /** Sets in `row` what the data say. */
  fill(row: Row, data: unknown): void;
}

type Fill = (row: Row, data: unknown) => void;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names within lists are as columns' names are. */
const renamed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(renamed);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [snakeCase(name), renamed(inner)]),
  );
};

const readerOf = (type: string): ((value: unknown) => unknown) => {
  if (!type.endsWith('[]')) return (value) => value;
  const inner: (value: unknown) => unknown = type.startsWith('STRUCT') ? renamed : (value) => value;
  return (value) => (Array.isArray(value) ? inner(value) : value === null ? value : [value]);
};

/** Of a property of one or several kinds of objects: all it can be. */
interface Property {
  readonly schemas: readonly JsonSchema[];
  readonly nullable: boolean;
  /** May be left out. */
  readonly optional: boolean;
}

const propertiesOf = (objects: readonly JsonSchema[]): ReadonlyMap<string, Property> => {
  const found = new Map<string, Property>();
  for (const { properties = {}, required = [] } of objects) {
    for (const [name, schema] of Object.entries(properties)) {
      const { schemas, nullable } = alternativesOf(schema);
      const known = found.get(name);
      found.set(name, {
        schemas: [...(known?.schemas ?? []), ...schemas],
        nullable: nullable || known?.nullable === true,
        optional: !required.includes(name) || known?.optional === true,
      });
    }
  }
  return found;
};

/** The columns of an object's properties, those of objects within it under its name and theirs. */
const objectLayout = (objects: readonly JsonSchema[], prefix: string): EventLayout => {
  const properties = [...propertiesOf(objects)];
  const columns: Column[] = [];
  const fills: Fill[] = [];
  for (const [name, { schemas }] of properties) {
    const column = `${prefix}${snakeCase(name)}`;
    if (schemas.length === 0) continue;
    if (schemas.every(({ type }) => type === 'object')) {
      const inner = objectLayout(schemas, `${column}_`);
      columns.push(...inner.columns);
      fills.push((row, data) => {
        if (isRecord(data)) inner.fill(row, data[name]);
      });
      continue;
    }
    const type = columnType(schemas);
    const read = readerOf(type);
    columns.push({ name: column, type });
    fills.push((row, data) => {
      if (isRecord(data) && data[name] !== undefined) row[column] = read(data[name]);
    });
  }
  // Left out, or said to be nothing? A column without a value does not tell.
  const ambiguous = properties
    .filter(([, { nullable, optional }]) => nullable && optional)
    .map(([name]) => name);
  if (ambiguous.length > 0) {
    const given = `${prefix}given`;
    columns.push({ name: given, type: 'VARCHAR[]' });
    fills.push((row, data) => {
      if (isRecord(data)) row[given] = ambiguous.filter((name) => data[name] !== undefined);
    });
  }
  return {
    columns,
    fill: (row, data) => {
      for (const fill of fills) fill(row, data);
    },
  };
};

/** The columns that an event's schema asks for: see `docs/analysing-history.md`. */
export const eventLayout = (schema: TSchema): EventLayout => objectLayout([schemaOf(schema)], '');
