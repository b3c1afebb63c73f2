import type { RowWriter } from '../../../projections/ports/projection.js';
import type { ReadModels } from '../../../queries/ports/readModels.js';

const TABLE = /\{([a-z_]+)\}\.([a-z_]+)/g;

/**
 * Rows of read models in memory, which statements read as if they were in tables: each table that a statement names is
 * a list of records there, of the type of the table that is served.
 */
export class PastRows implements ReadModels {
  readonly #served: ReadModels;
  readonly #tables = new Map<string, object[]>();
  /** As JSON, while nothing was added. */
  readonly #texts = new Map<string, string>();

  /** @param served knows where the tables are whose types these rows have */
  constructor(served: ReadModels) {
    this.#served = served;
  }

  /** Takes the rows of a read model. */
  of(readModel: string): RowWriter {
    return {
      write: (table, rows) => {
        const name = `${readModel}.${table.name}`;
        const there = this.#tables.get(name);
        if (there) for (const row of rows) there.push(row);
        else this.#tables.set(name, [...rows]);
        this.#texts.delete(name);
      },
    };
  }

  query<Row extends object>({
    text,
    values = [],
    signal,
  }: Parameters<ReadModels['query']>[0]): Promise<readonly Row[]> {
    const tables = new Map<string, string>();
    for (const [, readModel = '', table = ''] of text.matchAll(TABLE)) {
      const before = tables.get(table);
      if (before !== undefined && before !== readModel) {
        throw new Error(`${before} and ${readModel} both have a table ${table}`);
      }
      tables.set(table, readModel);
    }
    const lists = [...tables].map(([table, readModel], nth) => {
      const place = `{${readModel}}.${table}`;
      return `${table} as materialized (
        select * from json_populate_recordset(null::${place}, $${values.length + nth + 1}::json))`;
    });
    const rows = [...tables].map(([table, readModel]) => this.#json(`${readModel}.${table}`));
    return this.#served.query<Row>({
      text: lists.length === 0 ? text : `with ${lists.join(', ')} ${text.replace(TABLE, '$2')}`,
      values: [...values, ...rows],
      ...(signal ? { signal } : {}),
    });
  }

  #json(name: string): string {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const text = JSON.stringify(this.#tables.get(name) ?? []);
    this.#texts.set(name, text);
    return text;
  }
}
