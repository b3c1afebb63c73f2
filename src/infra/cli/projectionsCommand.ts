import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProjectionStatus } from '../../projections/engine/engine.js';
import { json, table, writeLine } from './output.js';
import { withReellog } from './session.js';
import { stopSignal } from './stopSignal.js';

/** Between the two looks that give the rate. */
const LOOK_MS = 500;

const shown = (status: ProjectionStatus, before: ProjectionStatus | undefined) => ({
  name: status.name,
  version: status.version,
  position: status.position,
  head: status.head,
  lagEvents: status.lagEvents,
  lagSeconds: Math.round(status.lagSeconds * 1000) / 1000,
  eventsPerSecond: Math.round(
    Number(status.position - (before?.position ?? status.position)) / (LOOK_MS / 1000),
  ),
});

export const addProjections = (program: Command): void => {
  program
    .command('projections')
    .description('show how the read models are: version, position, lag, rate')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  reellog projections\n  reellog projections --json | jq\n')
    .action(async (options: { json?: true }) => {
      await withReellog(stopSignal(), async ({ engine }) => {
        const before = await engine.status();
        await sleep(LOOK_MS);
        const now = (await engine.status()).map((status) =>
          shown(
            status,
            before.find(({ name }) => name === status.name),
          ),
        );
        if (options.json === true) {
          await writeLine(json(now));
          return;
        }
        await writeLine(
          table(
            now.map((status) => ({
              name: status.name,
              version: String(status.version),
              position: status.position.toString(),
              'lag events': status.lagEvents.toString(),
              'lag s': String(status.lagSeconds),
              'events/s': String(status.eventsPerSecond),
            })),
          ),
        );
      });
    });
};
