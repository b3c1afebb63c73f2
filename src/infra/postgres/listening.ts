import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';

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

/** Listens on channels, connecting again with growing, jittered waits whenever the connection ends. */
export const listenTo = (
  config: pg.ClientConfig,
  channels: readonly string[],
  handlers: NotificationHandlers,
  logger: Logger,
): Listening => {
  const closing = new AbortController();
  let current: pg.Client | undefined;

  const once = async (): Promise<void> => {
    const client = new pg.Client({ ...config, statement_timeout: 0 });
    current = client;
    const ended = new Promise<void>((resolve) => {
      client.once('end', () => {
        resolve();
      });
      client.on('error', () => {
        resolve();
      });
    });
    client.on('notification', ({ channel, payload }) => {
      handlers.onNotification(channel, payload ?? '');
    });
    await client.connect();
    await client.query(
      channels.map((channel) => `listen ${pg.escapeIdentifier(channel)}`).join(';'),
    );
    handlers.onListening();
    await ended;
  };

  const run = async (): Promise<void> => {
    let wait = FIRST_WAIT_MS;
    while (!closing.signal.aborted) {
      const started = Date.now();
      try {
        await once();
      } catch (error) {
        logger.debug({ err: error }, 'cannot listen for notifications');
      }
      current?.end().catch(() => undefined);
      handlers.onLost?.();
      wait = Date.now() - started > LAST_WAIT_MS ? FIRST_WAIT_MS : Math.min(wait * 2, LAST_WAIT_MS);
      await sleep(wait * (0.5 + Math.random()), undefined, { signal: closing.signal }).catch(
        () => undefined,
      );
    }
  };
  const running = run();

  return {
    close: async () => {
      closing.abort();
      await current?.end().catch(() => undefined);
      await running;
    },
  };
};
