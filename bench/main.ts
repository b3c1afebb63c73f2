import { parseArgs } from 'node:util';
import { appendOneC1, appendOneC32 } from './appendOne.js';
import { esdbAppend } from './esdbAppend.js';
import { esdbRss } from './esdbRss.js';
import { esdbSubscribe } from './esdbSubscribe.js';
import { httpCached } from './httpCached.js';
import { importMovieLens } from './importMovieLens.js';
import { isGood, type BenchRow, type Measured } from './row.js';

const rows: readonly BenchRow[] = [
  ...[appendOneC32, appendOneC1, importMovieLens, httpCached],
  ...[esdbAppend, esdbSubscribe, esdbRss],
];

const usage = `npm run bench -- [--only NAME]... [--json]

Measures what Reellog holds itself to, each beside what it is compared with, and exits with 1 if a figure is
not reached.

${rows.map(({ name, about }) => `  ${name.padEnd(18)} ${about}`).join('\n')}
`;

const verdict = (good: boolean): string => (good ? 'ok' : 'NOT REACHED');

const lines = (row: BenchRow, measured: Measured): string => {
  const { value, unit, least, most, against, note } = measured;
  const own = [
    ...(least === undefined ? [] : [`  (at least ${least}: ${verdict(value >= least)})`]),
    ...(most === undefined ? [] : [`  (at most ${most}: ${verdict(value <= most)})`]),
  ].join('');
  return [
    `${row.name.padEnd(18)} ${value.toFixed(0)} ${unit}${own}${note === undefined ? '' : `  ${note}`}`,
    ...against.map(
      (other) =>
        `${' '.repeat(18)} ${other.ratio.toFixed(2)} × ${other.name} (${other.value.toFixed(0)})` +
        `  (at least ${other.least}: ${verdict(other.ratio >= other.least)})`,
    ),
  ].join('\n');
};

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const unknown = options.only.filter((name) => !rows.some((row) => row.name === name));

if (options.help) process.stdout.write(usage);
else if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark "${unknown.join('", "')}".\n\n${usage}`);
  process.exitCode = 2;
} else {
  const results: (Measured & { readonly name: string; readonly good: boolean })[] = [];
  for (const row of rows) {
    if (options.only.length > 0 && !options.only.includes(row.name)) continue;
    const measured = await row.run((progress) => {
      process.stderr.write(`${row.name}: ${progress}\n`);
    });
    results.push({ name: row.name, ...measured, good: isGood(measured) });
    if (!options.json) process.stdout.write(`${lines(row, measured)}\n`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
  if (results.some(({ good }) => !good)) process.exitCode = 1;
}
