import type {
  DifferenceCounts,
  Finding,
  Verdict,
} from '../../../../projections/engine/verify/verification.js';
import type { RowDifference } from '../../../../projections/ports/verification.js';
import { eventCount } from '../../log/eventCount.js';
import { json } from '../../terminal/output.js';

/** Puts what is found into lines. */
export type Formatter = (finding: Finding) => readonly string[];

/** A value beyond this is cut short, for people. */
const VALUE_CHARACTERS = 60;

/** Lets through so many differences of each read model. */
const withinLimit = (limit = Infinity) => {
  const shown = new Map<string, number>();
  return (name: string): boolean => {
    const before = shown.get(name) ?? 0;
    shown.set(name, before + 1);
    return before < limit;
  };
};

/** A line of JSON for each difference, and one for each read model. */
export const asJson = (limit: number | undefined): Formatter => {
  const isShown = withinLimit(limit);
  return (finding) => {
    const { name: readModel } = finding;
    if ('difference' in finding) {
      return isShown(readModel) ? [json({ readModel, ...finding.difference })] : [];
    }
    return [json({ readModel, ...inFull(finding.verdict) })];
  };
};

const inFull = (verdict: Verdict): object => {
  if (verdict.outcome === 'not-compared') return { verdict: verdict.outcome, why: verdict.reason };
  const { served, rows, counts, leftOut } = verdict;
  const { parked, discarded, late } = leftOut;
  return {
    verdict: total(counts) === 0 ? 'same' : 'differs',
    ...{ version: served.version, schema: served.schema, position: served.position },
    rows: Object.fromEntries([...rows].map(([table, count]) => [table, Number(count)])),
    ...counts,
    ...{ parked, discarded, late },
  };
};

/** Sentences for people, and a line in columns for each read model. */
export const asText = (limit: number, width: number): Formatter => {
  const isShown = withinLimit(limit);
  return (finding) => {
    const { name } = finding;
    if ('difference' in finding) {
      return isShown(name) ? [sentence(name, finding.difference)] : [];
    }
    const { verdict } = finding;
    const column = name.padEnd(width);
    if (verdict.outcome === 'not-compared') return [`${column}  not compared: ${verdict.reason}`];
    const all = total(verdict.counts);
    return [
      ...(all > limit ? [`${name}: ${all - limit} more differ (--limit ${all} shows all)`] : []),
      `${column}  ${result(verdict.counts)}: ${rowsOf(verdict.rows)} at position ${verdict.served.position}`,
      ...explanations(name, verdict.leftOut, all > 0),
    ];
  };
};

const total = ({ missing, surplus, differs }: DifferenceCounts): number =>
  missing + surplus + differs;

const result = (counts: DifferenceCounts): string => {
  if (total(counts) === 0) return 'same';
  return (['missing', 'surplus', 'differs'] as const)
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${kind === 'differs' ? 'differ' : kind}`)
    .join(', ');
};

const rowsOf = (rows: ReadonlyMap<string, bigint>): string => {
  const count = [...rows.values()].reduce((sum, one) => sum + one, 0n);
  return count === 1n ? '1 row' : `${count} rows`;
};

/** What is no mystery. */
const explanations = (
  name: string,
  { parked, discarded, late }: Extract<Verdict, { outcome: 'compared' }>['leftOut'],
  differs: boolean,
): readonly string[] => [
  ...(parked === 0
    ? []
    : [
        `  without ${eventCount(parked)} parked, here and there: see "reellog parked list ${name}"`,
      ]),
  ...(discarded === 0
    ? []
    : [`  without ${eventCount(discarded)} discarded: see "reellog parked list ${name} --all"`]),
  ...(late === 0 || !differs
    ? []
    : [
        `  ${eventCount(late)} projected late, which a rebuild projects in turn, may be why rows differ`,
      ]),
];

const sentence = (name: string, { table, kind, key, columns }: RowDifference): string => {
  const row = Object.entries(key)
    .map(([column, value]) => `${column}=${short(value)}`)
    .join(' ');
  const where = `${name}.${table} ${row}`;
  const values = (of: 'served' | 'rebuilt') =>
    columns.map((column) => `${column.column} ${short(column[of])}`).join(', ');
  switch (kind) {
    case 'missing':
      return `${where}: missing; a rebuild has ${values('rebuilt')}`;
    case 'surplus':
      return `${where}: surplus; served is ${values('served')}`;
    case 'differs':
      return `${where}: ${columns
        .map((one) => `${one.column} is ${short(one.served)}, rebuilt ${short(one.rebuilt)}`)
        .join('; ')}`;
    default:
      return kind satisfies never;
  }
};

const short = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= VALUE_CHARACTERS ? text : `${text.slice(0, VALUE_CHARACTERS)}…`;
};
