import type { Command } from 'commander';
import { UsageError, Interrupted } from './exitCodes.js';
import { json, writeLine } from './output.js';
import { progressOf } from './progress.js';
import { withReellog } from './session.js';
import { stopSignal } from './stopSignal.js';

export const addRebuild = (program: Command): void => {
  program
    .command('rebuild')
    .description('make read models anew from the log; works beside a running service')
    .argument('[name...]', 'the read models')
    .option('--all', 'all of them')
    .option('--json', 'the summary as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  reellog rebuild stats streaks\n  reellog rebuild --all --json\n',
    )
    .action(async (given: readonly string[], options: { all?: true; json?: true }) => {
      if ((given.length === 0) === (options.all !== true)) {
        throw new UsageError('Name the read models to rebuild, or say --all.');
      }
      const signal = stopSignal();
      await withReellog(signal, async ({ engine, eventStore }) => {
        const names = options.all === true ? engine.names : given;
        const started = Date.now();
        const head = Number(await eventStore.headPosition());
        const positions = new Map<string, number>(names.map((name) => [name, 0]));
        const unit = eventStore.gaplessPositions ? 'events' : 'bytes';
        const progress = progressOf('Rebuilding', head * names.length, unit);
        try {
          await engine.rebuild(names, {
            signal,
            onProgress: ({ name, position }) => {
              positions.set(name, Number(position));
              progress.update([...positions.values()].reduce((a, b) => a + b, 0));
            },
          });
        } catch (error) {
          if (signal.aborted) throw new Interrupted('The rebuild goes on when the service runs.');
          throw error;
        } finally {
          progress.stop();
        }
        const seconds = (Date.now() - started) / 1000;
        const rate = Math.round(head / Math.max(seconds, 0.001));
        const summary = {
          rebuilt: names,
          [unit]: head,
          seconds: Math.round(seconds * 100) / 100,
          [`${unit}PerSecond`]: rate,
        };
        await writeLine(
          options.json === true
            ? json(summary)
            : `Rebuilt ${names.join(', ')} from ${head} ${unit} in ${summary.seconds} s (${rate}/s).`,
        );
      });
    });
};
