import type { Command } from 'commander';
import { followLog } from '../../readModels/live/followedLog.js';
import { identityOf } from '../../eventstore/mirror/mirroredEventStore.js';
import { mirrorAnew } from '../../eventstore/mirror/mirrorAnew.js';
import { mirrorState, servingMirror } from '../../eventstore/mirror/mirrorTable.js';
import { openEventStoreDbLog, openStorage } from '../../composition/storage.js';
import { eventCount } from './eventCount.js';
import { UsageError } from '../exitCodes.js';
import { json, writeLine } from '../terminal/output.js';
import { progressOf } from '../terminal/progress.js';
import { startUp, interruptible } from '../session.js';
import { stopSignal } from '../stopSignal.js';

interface Options {
  readonly anew?: true;
  readonly json?: true;
}

/** `reellog log mirror`: how the mirror of a log in EventStoreDB is, and building it again. */
export const addLogMirror = (log: Command): void => {
  log
    .command('mirror')
    .description('show the mirror of a log in EventStoreDB, or build it again')
    .option(
      '--anew',
      'build it again from the server, beside the old one, and the read models after it',
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nEverything that reads a log in EventStoreDB reads its mirror in PostgreSQL. A server that was restored from a\n' +
        'backup lacks a part of it: then nothing is read or written until the server is complete again, or the mirror\n' +
        'is built anew. Stop Reellog first; what only the old mirror had is gone then.\n' +
        '\nExamples:\n  reellog log mirror\n  reellog log mirror --anew\n',
    )
    .action(async (options: Options) => {
      const signal = stopSignal();
      const { config, logger } = startUp();
      if (config.eventStoreUrl === undefined) {
        throw new UsageError('The log is in PostgreSQL and has no mirror: no EventStoreDB is set.');
      }
      const opening = openStorage(config, { logger, signal, embedded: 'join' });
      const { database, close } = await interruptible(signal, opening);
      const server = await openEventStoreDbLog(config, { logger });
      try {
        if (options.anew === true) {
          const progress = progressOf('Mirroring', 0, 'events');
          const onProgress = (events: number) => {
            progress.update(events, events);
          };
          const built = await mirrorAnew({ database, log: server, signal, onProgress }).finally(
            () => {
              progress.stop();
            },
          );
          const state = await mirrorState(database, built.mirror);
          const head = () => Promise.resolve(state.last?.commit ?? 0n);
          await followLog(database, { identity: identityOf(built.mirror), head }, logger);
          await writeLine(
            options.json === true
              ? json({ events: built.events })
              : `The mirror was built again from ${eventCount(built.events)}. The next start rebuilds the read models.`,
          );
          return;
        }
        const mirror = await servingMirror(database, await server.identify({ signal }));
        const state = mirror && (await mirrorState(database, mirror));
        const shown = {
          log: mirror?.server,
          events: Number(state?.ordinal ?? 0n),
          position: state?.last?.commit ?? 0n,
          live: state?.live ?? false,
          liveAt: state?.liveAt,
          fault: state?.fault,
        };
        await writeLine(
          options.json === true
            ? json(shown)
            : (shown.fault ??
                `The mirror has ${eventCount(shown.events)}, up to position ${shown.position}; ` +
                  (shown.live ? 'it is live.' : 'nobody keeps it now.')),
        );
      } finally {
        await server.close();
        await close();
      }
    });
};
