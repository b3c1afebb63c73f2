import type { Command } from 'commander';
import type { ProjectionStatus } from '../../../projections/engine/live/engine.js';
import type { MirrorSummary } from '../../eventstore/mirror/mirrorHealth.js';
import { eventCount } from '../log/eventCount.js';
import { json, table, writeLine } from '../terminal/output.js';
import type { Reellog } from '../../composition/service.js';
import { paintFor } from '../report/paint.js';
import { withReellog } from '../session.js';
import { stopSignal } from '../stopSignal.js';
import { createLooker } from './watch/projectionsSeen.js';
import { watchAsLines, watchOnScreen, type Look } from './watch/watchProjections.js';
import { pause } from '../../../commands/ports/waiting.js';

/** Between the two looks that give the rate. */
const LOOK_MS = 500;

const shown = (status: ProjectionStatus, before: ProjectionStatus | undefined) => ({
  name: status.name,
  version: status.version,
  schema: status.schema,
  position: status.position,
  head: status.head,
  lagEvents: status.lagEvents,
  lagSeconds: Math.round(status.lagSeconds * 1000) / 1000,
  parked: status.parked,
  eventsPerSecond: Math.round(
    Number(status.ordinal - (before?.ordinal ?? status.ordinal)) / (LOOK_MS / 1000),
  ),
});

const mirrorLine = ({ state, events, lagSeconds, fault }: MirrorSummary): string =>
  fault ??
  `The log is in EventStoreDB; its mirror has ${eventCount(events)} and is ` +
    (state === 'live' ? 'live.' : `catching up; it was live ${Math.round(lagSeconds)} s ago.`);

const watch = async (reellog: Reellog, signal: AbortSignal, asJson: boolean): Promise<void> => {
  const { engine, rebuilds } = reellog;
  const looker = createLooker();
  const look: Look = async () => {
    const [statuses, underWay] = await Promise.all([engine.status(), rebuilds.underWay()]);
    return looker({ statuses, rebuilds: underWay, at: new Date() }, performance.now());
  };
  const { stdin: input, stdout: output } = process;
  if (output.isTTY && input.isTTY && !asJson) {
    const paint = paintFor(output, process.env);
    await watchOnScreen({ look, signal }, { output, input, paint });
  } else {
    await watchAsLines({ look, signal }, { write: writeLine, asJson });
  }
};

export const addProjections = (program: Command): void => {
  program
    .command('projections')
    .description(
      'show how the read models are: version, schema, position, lag, rate, parked events',
    )
    .option('--json', 'as JSON')
    .option('--watch', 'until q or Ctrl-C: live on a terminal, else a line for each change')
    .addHelpText(
      'after',
      '\nExamples:\n  reellog projections\n  reellog projections --watch\n  reellog projections --json | jq\n',
    )
    .action(async (options: { json?: true; watch?: true }) => {
      const signal = stopSignal();
      await withReellog(signal, async (reellog) => {
        if (options.watch === true) {
          await watch(reellog, signal, options.json === true);
          return;
        }
        const { engine } = reellog;
        const before = await engine.status();
        await pause(LOOK_MS, signal);
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
        const mirror = reellog.mirror();
        if (mirror) await writeLine(mirrorLine(mirror));
        await writeLine(
          table(
            now.map((status) => ({
              name: status.name,
              version: String(status.version),
              schema: status.schema,
              position: status.position.toString(),
              'lag events': status.lagEvents.toString(),
              'lag s': String(status.lagSeconds),
              parked: String(status.parked),
              'events/s': String(status.eventsPerSecond),
            })),
          ),
        );
      });
    });
};
