import type { Command } from 'commander';
import { parkedInFull, parkedView } from '../../../readModels/parking/parkedView.js';
import { UsageError } from '../../exitCodes.js';
import { json, table, writeLine } from '../../terminal/output.js';
import { withReellog } from '../../session.js';
import { stopSignal } from '../../stopSignal.js';
import { JSON_OPTION, knownName, named, SECOND } from './chosen.js';
import { addParkedDiscard } from './discardCommand.js';
import { addParkedRetry } from './retryCommand.js';

const ERROR_CHARACTERS = 80;

type View = ReturnType<typeof parkedView>;
type InFull = ReturnType<typeof parkedInFull>;

const asTable = (views: readonly View[]): string =>
  table(
    views.map((view) => ({
      id: view.id,
      'read model': view.projection,
      state: view.state,
      position: view.position,
      type: view.type,
      attempts: String(view.attempts),
      parked: view.parkedAt ?? '',
      error: (view.error ?? '').replace(/\s+/g, ' ').slice(0, ERROR_CHARACTERS),
    })),
  );

const asText = ({ acts, detail, ...view }: InFull): string => {
  const width = Math.max(...Object.keys(view).map((name) => name.length));
  const facts = Object.entries(view).map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const done = acts.map(({ at, actor, act, outcome, detail: why }) => {
    const line = `${at}  ${actor}  ${act}: ${outcome}`;
    return why === undefined ? line : `${line}: ${why}`;
  });
  return [facts, ...(detail === undefined ? [] : [[detail]]), done]
    .map((block) => block.join('\n'))
    .join('\n\n');
};

const addList = (parked: Command): void => {
  parked
    .command('list')
    .description('list the events that are missing in the rows of read models')
    .argument('[read-model]', 'only of this one')
    .option('--all', 'also those that were applied, rebuilt or discarded since')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExamples:\n  reellog parked list stats\n  reellog parked list --all --json | jq\n',
    )
    .action(async (name: string | undefined, options: { all?: true; json?: true }) => {
      await withReellog(stopSignal(), async (reellog) => {
        const found = await reellog.parked.list({
          ...(name === undefined ? {} : { projection: knownName(reellog, name) }),
          settled: options.all === true,
        });
        const views = found.map(parkedView);
        if (options.json === true) await writeLine(json(views));
        else await writeLine(views.length === 0 ? 'Nothing is parked.' : asTable(views));
      });
    });
};

const addShow = (parked: Command): void => {
  parked
    .command('show')
    .description('show a parked event: its error, where that came from, and what was done about it')
    .argument('<id-or-read-model>', 'the number of a parked event, or a read model')
    .argument(...SECOND)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExamples:\n  reellog parked show 17\n  reellog parked show stats 48211 --json\n',
    )
    .action(async (first: string, second: string | undefined, options: { json?: true }) => {
      await withReellog(stopSignal(), async (reellog) => {
        const { id } = await named(reellog, [first, second]);
        const found = await reellog.parked.show(id);
        if (!found) throw new UsageError(`There is no parked event ${id}.`);
        const view = parkedInFull(found.parked, found.acts);
        await writeLine(options.json === true ? json(view) : asText(view));
      });
    });
};

export const addParked = (program: Command): void => {
  const parked = program
    .command('parked')
    .description('look after events that cannot be projected; works beside a running service')
    .addHelpText(
      'after',
      `
Examples:
  reellog parked list
  reellog parked show 17
  reellog parked retry stats 48211
  reellog parked discard 17 --reason "recorded twice by a broken import"
`,
    );
  addList(parked);
  addShow(parked);
  addParkedRetry(parked);
  addParkedDiscard(parked);
};
