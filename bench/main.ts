import { parseArgs } from 'node:util';
import { createDataFolders } from './data/dataFolders.js';
import { figures, isFigureName, type FigureName } from './figures.js';
import { jsonOf, MARKDOWN_HEAD, markdownOf, textOf } from './report.js';
import { resultOf } from './row.js';
import { rows } from './rows.js';

const usage = `npm run bench -- [--only NAME]... [--json | --markdown]

Measures what Reellog holds itself to, each beside what it is compared with. A figure that is not reached is
reported as short, with what holds it back; the exit code is 1 only when something could not be measured.
What is measured on an EventStoreDB says on which: the one of BENCH_EVENTSTORE_URL, or else a double of our own.
Progress goes to standard error. --json gives one object a line, --markdown the table of docs/performance.md.

${Object.entries(figures)
  .map(([name, { about }]) => `  ${name.padEnd(20)} ${about}`)
  .join('\n')}
`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const unknown = options.only.filter((name) => !isFigureName(name));
const wanted = (name: FigureName): boolean =>
  options.only.length === 0 || options.only.includes(name);
const lineOf = options.json ? jsonOf : options.markdown ? markdownOf : textOf;

const measure = async (): Promise<void> => {
  const folders = createDataFolders();
  // They are gigabytes: not left behind when somebody has seen enough.
  const interrupted = (): void => {
    void folders.remove().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    for (const row of rows.filter(({ names }) => names.some(wanted))) {
      const report = (progress: string): void => {
        process.stderr.write(`${row.names.join(', ')}: ${progress}\n`);
      };
      try {
        const found = await row.run({ report, folders });
        for (const name of row.names.filter(wanted)) {
          const measured = found[name];
          if (measured) process.stdout.write(`${lineOf(resultOf(name, measured))}\n`);
          else throw new Error(`${name} was not measured`);
        }
      } catch (error) {
        // The others may be measured all the same.
        report(
          `could not be measured: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
        );
        process.exitCode = 1;
      }
    }
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await folders.remove();
  }
};

if (options.help) process.stdout.write(usage);
else if (unknown.length > 0) {
  process.stderr.write(`There is no figure "${unknown.join('", "')}".\n\n${usage}`);
  process.exitCode = 2;
} else {
  if (options.markdown) process.stdout.write(`${MARKDOWN_HEAD}\n`);
  await measure();
}
