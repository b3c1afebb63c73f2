import type { ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';
import { endLeftovers, endProcess } from './leftovers.js';
import type { Placement } from './placement.js';
import { boundLog } from './serverLog.js';
import { launch } from './serverProcess.js';
import { createBackOff, pause } from '../../../commands/ports/waiting.js';

/** Keeps a server running until told to stop. */
export interface Supervisor {
  /** The server's process id; `undefined` while there is none. */
  pid(): number | undefined;
  /** Shuts the server down and resolves when its process is gone. */
  stop(): Promise<void>;
}

const FIRST_WAIT_MS = 50;
const LAST_WAIT_MS = 5_000;
/** A server that lived this long is not in a loop of crashes. */
const STABLE_MS = 10_000;
const LOG_CHECK_MS = 60_000;

/** Starts the server again whenever it dies, with waits that grow while it does not last. */
export const supervise = (place: Placement, first: ChildProcess, logger: Logger): Supervisor => {
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;
  let child: ChildProcess | undefined = first;
  let restarting: Promise<void> = Promise.resolve();
  const backOff = createBackOff(FIRST_WAIT_MS, LAST_WAIT_MS);

  const restart = async (): Promise<void> => {
    while (!isStopping()) {
      try {
        await endLeftovers(place);
        watch(await launch(place, stopping.signal));
        logger.info('the embedded server runs again');
        return;
      } catch (error) {
        if (isStopping()) return;
        const wait = backOff.next();
        logger.error({ err: error, wait }, 'the embedded server does not start');
        await pause(wait, stopping.signal);
      }
    }
  };
  const watch = (running: ChildProcess): void => {
    child = running;
    const since = performance.now();
    // The server must not keep this process alive when everything else is done.
    running.unref();
    const died = async (): Promise<void> => {
      if (performance.now() - since > STABLE_MS) backOff.reset();
      else await backOff.wait(stopping.signal);
      await restart();
    };
    running.once('exit', (code, by) => {
      child = undefined;
      if (isStopping()) return;
      logger.error({ code, by }, 'the embedded server died: starting it again');
      restarting = died();
    });
  };

  const endWithUs = (): void => {
    child?.kill('SIGINT');
  };
  process.once('exit', endWithUs);
  const logCheck = setInterval(() => {
    boundLog(place.logFile).catch((error: unknown) => {
      logger.warn({ err: error }, "the embedded server's log could not be shortened");
    });
  }, LOG_CHECK_MS);
  logCheck.unref();
  watch(first);

  return {
    pid: () => child?.pid,
    stop: async () => {
      stopping.abort();
      clearInterval(logCheck);
      await restarting;
      if (child?.pid !== undefined) await endProcess(child.pid);
      process.off('exit', endWithUs);
    },
  };
};
