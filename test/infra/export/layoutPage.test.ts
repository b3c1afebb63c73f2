import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { commonColumns, eventTables } from '../../../src/infra/export/eventTables.js';
import { duckDbType } from '../../../src/infra/export/readModelTables.js';
import type { Column } from '../../../src/infra/export/table.js';

const page = readFileSync(new URL('../../../docs/analysing-history.md', import.meta.url), 'utf8');
const section = /^## The tables$([^]*?)^## /m.exec(page)?.[1] ?? '';

/** The cells of the table's rows under a heading. */
const rowsUnder = (heading: RegExp): readonly (readonly string[])[] => {
  const lines = section.split('\n');
  const from = lines.findIndex((line) => heading.test(line)) + 2;
  const length = lines.slice(from).findIndex((line) => !line.startsWith('|'));
  return lines.slice(from, from + length).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
};

/** "`name` TYPE", as the page has each column. */
const told = ({ name, type }: Column): string => `\`${name}\` ${type.replaceAll('"', '')}`;

describe('docs/analysing-history.md', () => {
  it('tells what every table of events begins with', () => {
    expect(
      rowsUnder(/^\| column /).map(([name = '', type = '']) => ({ name, type })),
    ).to.deep.equal(commonColumns);
  });

  it('tells of every table of events what else is in it, and of no other', () => {
    const listed = [...section.matchAll(/^- `(\w+)`: ((?:.*\n)(?: {2}.*\n)*)/gm)].map(
      ([, name, columns = '']) => [name, columns.replace(/\s+/g, ' ').trim()],
    );
    expect(listed).to.deep.equal(
      eventTables.map(({ name, columns }) => [
        name,
        columns.slice(commonColumns.length).map(told).join(', '),
      ]),
    );
  });

  it('tells how the types of PostgreSQL become those of files', () => {
    const rows = rowsUnder(/^\| in PostgreSQL /);
    expect(rows).to.have.lengthOf.above(10);
    for (const [from = '', to] of rows) {
      const types = from.split(', ').map((type) => (type.startsWith('and ') ? 'tsvector' : type));
      for (const type of types) expect(duckDbType(type), type).to.equal(to);
    }
  });

  it('has no two columns of one name in a table', () => {
    for (const { name, columns } of eventTables) {
      expect(new Set(columns.map((column) => column.name)).size, name).to.equal(columns.length);
    }
  });
});
