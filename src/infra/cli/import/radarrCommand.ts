import { InvalidArgumentError, type Command } from 'commander';
import { Uuid } from '../../../domain/schemas.js';
import { validator } from '../../../domain/validation.js';
import { openRadarr } from '../../composition/radarr.js';
import type { Reellog } from '../../composition/service.js';
import { importLibrary, type LibraryImport } from '../../imports/importLibrary.js';
import { IMPORT_LOCKS } from '../../imports/libraryImports.js';
import { LockSession } from '../../postgres/lockSession.js';
import { untilCaughtUp } from '../readModels/caughtUp.js';
import { startProjectionThread } from './projectionThread.js';
import { refusedLines, tallyLine } from './tallyLines.js';
import { Interrupted, UsageError } from '../exitCodes.js';
import { withReellog } from '../session.js';
import { stopSignal } from '../stopSignal.js';
import { json, writeLine } from '../terminal/output.js';
import { progressOf } from '../terminal/progress.js';

const COMMANDS_AT_ONCE = 128;
const SHOWN = 20;

interface Options {
  readonly library?: string;
  readonly dryRun?: boolean;
  readonly json?: true;
}

const isId = validator(Uuid);

const libraryIdOf = (text: string): string => {
  if (isId(text).ok) return text.toLowerCase();
  throw new InvalidArgumentError('It is not the id of a library.');
};

/** `reellog import radarr`. */
export const addRadarr = (command: Command): void => {
  command
    .command('radarr')
    .description("bring the catalogue up to date with Radarr's library; running it again goes on")
    .option('--library <id>', 'the library that new films belong to', libraryIdOf)
    .option('--dry-run', 'tell what would be done, and do nothing')
    .option('--json', 'the summary as JSON')
    .addHelpText(
      'after',
      '\nWhere Radarr is, RADARR_URL and RADARR_API_KEY say.\n' +
        '\nExamples:\n  reellog import radarr --dry-run\n  reellog import radarr --json\n',
    )
    .action(async (options: Options) => {
      const stop = stopSignal();
      await withReellog(
        stop,
        async (reellog, logger) => {
          const opened = await openRadarr(reellog.config, 'library', { logger });
          if (!opened) {
            throw new UsageError('No Radarr is configured: set RADARR_URL and RADARR_API_KEY.');
          }
          const locks = new LockSession(reellog.database);
          try {
            const { provider: manager } = opened;
            const lock = await locks.tryLock({ space: IMPORT_LOCKS, name: manager.source });
            if (!lock) throw new UsageError('An import from Radarr is under way already.');
            const done = await importing(reellog, manager, options, stop);
            await writeLine(options.json === true ? json(done) : report(done, options));
          } finally {
            await locks.close();
            await opened.outgoing.close();
          }
        },
        { makes: true, inThreads: true },
      );
    });
};

const importing = async (
  { execute, engine, knownCatalogue: catalogue, config, connectionString }: Reellog,
  manager: Parameters<typeof importLibrary>[0]['manager'],
  { library: libraryId, dryRun = false }: Options,
  stop: AbortSignal,
): Promise<LibraryImport> => {
  const { connections, logLevel, onPoison, eventStoreUrl, eventStorePrefix } = config;
  const thread = startProjectionThread({
    ...{ connectionString, connections, logLevel, onPoison },
    log: { eventStoreUrl, eventStorePrefix },
  });
  const signal = AbortSignal.any([stop, thread.failed]);
  const progress = progressOf('Importing', 1, 'films');
  try {
    const done = await importLibrary({
      ...{ execute, manager, catalogue, libraryId, dryRun, signal },
      atOnce: COMMANDS_AT_ONCE,
      onProgress: (count, of) => {
        progress.update(count, of);
      },
    });
    await untilCaughtUp(engine, done.position, { signal });
    return done;
  } catch (error) {
    thread.failed.throwIfAborted();
    if (!stop.aborted) throw error;
    throw new Interrupted('Interrupted. Importing again goes on where this ended.');
  } finally {
    progress.stop();
    await thread.stop();
  }
};

const report = (done: LibraryImport, { dryRun = false }: Options): string =>
  [
    `Radarr has ${done.inLibrary} films.${dryRun ? ' Nothing was changed. To be done:' : ''}`,
    tallyLine('Films', done.films),
    tallyLine('Files', done.files),
    tallyLine('Gone', done.detached),
    ...refusedLines(done),
    ...done.unreadable.slice(0, SHOWN).map(({ entry, why }) => `  skipped ${entry}: ${why}`),
    ...(done.unreadableCount > SHOWN
      ? [`  skipped ${done.unreadableCount - SHOWN} more: --json shows 100 of them`]
      : []),
    ...(done.doubtful === 0
      ? []
      : [
          `Radarr says that it has no film at all: the ${done.doubtful} files that came from it stay attached.`,
        ]),
  ].join('\n');
