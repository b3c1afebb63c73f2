import { CommandRejected } from '../../commands/command.js';
import { ProviderFailure } from '../../commands/ports/movieProvider.js';
import { isEventStoreFailure } from '../../commands/ports/eventStore.js';
import { UnknownProjection } from '../../projections/engine/live/engine.js';
import { BadQuestion } from '../analysis/question.js';
import { InvalidSetting } from '../config/settings.js';
import { LogsDiffer } from '../eventstore/copy/compareLogs.js';
import { CopyRefused } from '../eventstore/copy/copyTarget.js';
import { MirrorInUse } from '../eventstore/mirror/mirrorAnew.js';
import { UnusableExport } from '../export/folder/manifest.js';
import { CannotRollBack } from '../../projections/ports/rebuildStore.js';
import { CannotListen } from '../http/server.js';
import { CatalogueBehind } from '../imports/knownCatalogue.js';
import { UnknownJob } from '../jobs/jobs.js';
import { BadWindow } from '../jobs/sync/sync.js';
import { NoEmbeddedPostgres } from '../postgres/embedded/binaries.js';
import { OtherPostgresVersion } from '../postgres/embedded/cluster.js';
import {
  DatabaseNotFound,
  DatabaseUnavailable,
  DatabaseUnusable,
} from '../postgres/databaseErrors.js';
import { DataFolderInUse } from '../postgres/embedded/instanceLock.js';
import { NewerDatabase } from '../postgres/migrate.js';
import { DataFolderUnusable } from '../postgres/embedded/placement.js';
import { ServerStartFailed } from '../postgres/embedded/serverProcess.js';
import { NotAllDone } from './readModels/parked/told.js';
import { NotRebuilt } from './readModels/rebuild/notRebuilt.js';
import { LogNotMoved, OtherLogFollowed } from '../readModels/live/followedLog.js';

/** What the process's exit code tells a script. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  dataFolderInUse: 3,
  databaseUnavailable: 4,
  rowsDiffer: 5,
  interrupted: 130,
} as const;

/** As `--help` prints it. */
export const exitCodeHelp = `
Exit codes:
  0    done
  1    failed
  2    a wrong option, argument or setting
  3    the data folder is in use by another Reellog
  4    the database or the log is not available, or cannot be used
  5    rows of read models are not as a rebuild makes them (verify)
  130  interrupted
`;

/** The user's request was wrong, in words of its own. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Stopped by Ctrl-C or SIGTERM before it was done. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Rows of read models are not as a rebuild makes them: each is told on standard output. */
export class RowsDiffer extends Error {
  override readonly name = 'RowsDiffer';
}

/** Read models could not be held against a rebuild: why is told on standard output. */
export class RowsNotCompared extends Error {
  override readonly name = 'RowsNotCompared';
}

export const exitCodeOf = (error: unknown): number => {
  if (error instanceof Interrupted) return exitCodes.interrupted;
  if (
    error instanceof UsageError ||
    error instanceof InvalidSetting ||
    error instanceof UnknownProjection ||
    error instanceof UnknownJob ||
    error instanceof BadWindow ||
    error instanceof UnusableExport ||
    error instanceof BadQuestion ||
    error instanceof DatabaseNotFound ||
    error instanceof CommandRejected
  ) {
    return exitCodes.usage;
  }
  if (error instanceof RowsDiffer) return exitCodes.rowsDiffer;
  if (error instanceof DataFolderInUse) return exitCodes.dataFolderInUse;
  if (
    error instanceof DatabaseUnavailable ||
    error instanceof DatabaseUnusable ||
    isEventStoreFailure(error, 'access-denied') ||
    isEventStoreFailure(error, 'unavailable') ||
    isEventStoreFailure(error, 'timeout')
  ) {
    return exitCodes.databaseUnavailable;
  }
  return exitCodes.failed;
};

/** Failures that tell whoever reads them what to do. */
const saysItAll = [
  CannotListen,
  CannotRollBack,
  CatalogueBehind,
  CopyRefused,
  DataFolderUnusable,
  LogNotMoved,
  LogsDiffer,
  MirrorInUse,
  NewerDatabase,
  NoEmbeddedPostgres,
  NotAllDone,
  NotRebuilt,
  OtherLogFollowed,
  OtherPostgresVersion,
  ProviderFailure,
  RowsNotCompared,
  ServerStartFailed,
];

/** Whether the message says all there is to say: a stack trace would only frighten. */
export const isExpected = (error: unknown): boolean =>
  exitCodeOf(error) !== exitCodes.failed ||
  isEventStoreFailure(error, 'past-gone') ||
  saysItAll.some((kind) => error instanceof kind);
