import type { DuckDBConnection } from '@duckdb/node-api';
import { quotedText } from '../export/table.js';

/** A statement that cannot be answered, in DuckDB's words or ours. */
export class BadQuestion extends Error {
  override readonly name = 'BadQuestion';
}

/** What DuckDB finds wrong is wrong with what it was asked. @throws {BadQuestion} */
export const asked = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Error ? new BadQuestion(error.message, { cause: error }) : error;
  }
};

/** SQL that only asks. */
export interface Question {
  readonly sql: string;
  readonly statements: number;
  /** What it names, in lower case: tables, views, its own common table expressions. */
  readonly names: ReadonlySet<string>;
  /** `describe …`, `summarize …`: stands in parentheses where other statements need none. */
  readonly shows: boolean;
}

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function* nodesIn(value: unknown): Generator<Node> {
  if (!isNode(value)) return;
  yield value;
  // What a table is like can be told without its rows.
  if (value.type === 'SHOW_REF' && value.show_type === 'DESCRIBE') return;
  for (const inner of Object.values(value)) yield* nodesIn(inner);
}

const textOf = (node: Node, field: string): string => {
  const value = node[field];
  return typeof value === 'string' ? value.toLowerCase() : '';
};

const withoutComments = (sql: string): string =>
  sql.replace(/--.*$|\/\*[^]*?\*\//gm, '').replace(/[\s;]+/g, '');

/**
 * What DuckDB's own parser makes of SQL: which tables it names, so that no more than these need be there.
 * @throws {BadQuestion} it is no SQL, or would do something
 */
export const questionOf = async (connection: DuckDBConnection, sql: string): Promise<Question> => {
  if (withoutComments(sql) === '') throw new BadQuestion('There is no statement to answer.');
  const { count } = await asked(() => connection.extractStatements(sql));
  const reader = await connection.runAndReadAll(
    `select json_serialize_sql(${quotedText(sql)}::varchar)`,
  );
  const parsed: unknown = JSON.parse(String(reader.getRows()[0]?.[0]));
  if (!isNode(parsed) || parsed.error !== false) {
    throw new BadQuestion(
      'Only questions are answered: statements that begin with select, from, with, describe, summarize or show.',
    );
  }
  const nodes = [...nodesIn(parsed)];
  return {
    ...{ sql, statements: count },
    names: new Set(
      nodes
        .filter(({ type }) => type === 'BASE_TABLE')
        .map((node) => {
          const schema = textOf(node, 'schema_name');
          return `${schema === '' || schema === 'main' ? '' : `${schema}.`}${textOf(node, 'table_name')}`;
        }),
    ),
    shows: nodes.some(({ type }) => type === 'SHOW_REF'),
  };
};
