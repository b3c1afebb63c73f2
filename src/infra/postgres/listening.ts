import pg from 'pg';
import type { Logger } from 'pino';
import { endConnection } from './endConnection.js';
import { settleSession } from './pool/sessionSettings.js';
import { createBackOff, pause } from '../../commands/ports/waiting.js';

export interface NotificationHandlers {
  readonly onNotification: (channel: string, payload: string) => void;
  /** Listening (again): whatever was notified before was not seen. */
  readonly onListening: () => void;
  /** Not listening until `onListening`. */
  readonly onLost?: () => void;
}

/** A connection that listens until closed. */
export interface Listening {
  close(): Promise<void>;
}

const FIRST_WAIT_MS = 50;
const LAST_WAIT_MS = 2_000;
/**
 * An idle connection through a proxy or a firewall can be dropped without either end hearing of it: it is
 * asked for a sign of life this often, in milliseconds, and given this long to answer.
 */
const HEARTBEAT = { everyMs: 30_000, answerMs: 5_000 };

/** Listens on channels, connecting again with growing, jittered waits whenever the connection ends. */
export const listenTo = (
  config: pg.ClientConfig,
  channels: readonly string[],
  handlers: NotificationHandlers,
  logger: Logger,
  heartbeat = HEARTBEAT,
): Listening => {
  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  let current: pg.Client | undefined;

  const once = async (): Promise<void> => {
    const client = new pg.Client({ ...config, query_timeout: heartbeat.answerMs });
    current = client;
    const over = new AbortController();
    const end = () => {
      over.abort();
    };
    client.once('end', end);
    client.on('error', end);
    client.on('notification', ({ channel, payload }) => {
      try {
        handlers.onNotification(channel, payload ?? '');
      } catch (error) {
        // Thrown into the driver it would end the process.
        logger.error({ err: error, channel }, 'a notification could not be handled');
      }
    });
    // The driver leaves unanswered who connects when the connection is ended meanwhile.
    const ended = new Promise<never>((_, reject) => {
      client.once('end', () => {
        reject(new Error('the connection was ended'));
      });
    });
    await Promise.race([client.connect(), ended]);
    await settleSession(client);
    await client.query(
      channels.map((channel) => `listen ${pg.escapeIdentifier(channel)}`).join(';'),
    );
    handlers.onListening();
    const isOver = () => over.signal.aborted;
    while (!isOver()) {
      await pause(heartbeat.everyMs, over.signal);
      if (!isOver()) await client.query('select 1');
    }
  };

  const run = async (): Promise<void> => {
    const backOff = createBackOff(FIRST_WAIT_MS, LAST_WAIT_MS);
    while (!isClosing()) {
      const started = performance.now();
      try {
        await once();
      } catch (error) {
        logger.debug({ err: error }, 'cannot listen for notifications');
      }
      if (current) void endConnection(current);
      if (isClosing()) return;
      handlers.onLost?.();
      if (performance.now() - started > LAST_WAIT_MS) backOff.reset();
      await backOff.wait(closing.signal);
    }
  };
  const running = run();

  return {
    close: async () => {
      closing.abort();
      if (current) await endConnection(current);
      await running;
    },
  };
};
