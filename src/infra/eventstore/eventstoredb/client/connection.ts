import { EventStoreDBClient } from '@eventstore/db-client';
import type { Logger } from 'pino';
import { stoppedWaiting } from '../../../../commands/ports/eventStore.js';
import { eventStoreDeadline, eventStorePlace } from '../../../config/eventStoreUrl.js';
import { InvalidSetting } from '../../../config/settings.js';
import { failure } from '../../failure.js';
import {
  closingChannelOf,
  decodeNatively,
  dropLateAnswers,
  nameNoAddresses,
} from './clientInternals.js';
import { createExplanations } from './explanations.js';
import { atMost } from '../../../../commands/ports/waiting.js';

/** How long to wait for the ends of calls that were cancelled. */
const DISPOSE_MS = 200;

/** A client with what tells its users that it is of no use any more. */
export interface Connected {
  readonly client: EventStoreDBClient;
  /** Calls back, once, when the client is given up. @returns ends that */
  readonly onRetired: (callback: () => void) => () => void;
}

/**
 * The connection to EventStoreDB, which outlives its clients: the client connects anew by itself when a node
 * says that it is unavailable or not the leader, but not when it just never answers.
 */
export interface Connection {
  /** How long one call may take, in milliseconds. */
  readonly deadline: number;
  current(): Connected;
  /**
   * One call with the client of now, for as long as the connection's deadline and the caller's signal allow.
   * An answer that does not come is followed by a new client.
   * @throws {EventStoreError} `timeout`, `aborted`, `unavailable`, or whatever the call throws
   */
  call<T>(
    work: (client: EventStoreDBClient, limits: Limits) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  close(): Promise<void>;
}

/** How long a call may take, or be without a sign of life. */
export interface Limits {
  readonly deadline: number;
  /** Something came: the time counts from now. */
  readonly alive: () => void;
  /** Calls back, once, with the error when the call must end early. @returns ends that */
  readonly onGivenUp: (callback: (error: Error) => void) => () => void;
}

/** @throws {InvalidSetting} when the connection string cannot be used, or a file that it names not be read */
export const connect = (connectionString: string, logger: Logger): Connection => {
  const deadline = eventStoreDeadline(connectionString);
  let closed = false;
  let connected = open(connectionString);
  const explained = createExplanations(eventStorePlace(connectionString));

  const retire = async (old: OpenClient): Promise<void> => {
    if (connected === old && !closed) connected = open(connectionString);
    await old.retire();
  };

  return {
    deadline,
    current: () => connected,
    call: (work, signal) => {
      if (signal?.aborted) return Promise.reject(stoppedWaiting(signal));
      const mine = connected;
      const watchers = new Set<(error: Error) => void>();
      return new Promise((resolve, reject) => {
        const settle = () => {
          clearTimeout(timer);
          stopWatching();
          signal?.removeEventListener('abort', stop);
        };
        const giveUp = (error: Error) => {
          settle();
          reject(error);
          for (const watcher of watchers) watcher(error);
        };
        const stop = () => {
          if (signal) giveUp(stoppedWaiting(signal));
        };
        const timer = setTimeout(() => {
          logger.warn({ deadline }, 'EventStoreDB does not answer: connecting anew');
          giveUp(failure({ kind: 'timeout' }, `no answer within ${deadline} ms`));
          void retire(mine);
        }, deadline);
        const stopWatching = mine.onRetired(() => {
          giveUp(failure({ kind: 'unavailable' }, 'the connection was given up'));
        });
        signal?.addEventListener('abort', stop, { once: true });
        const limits: Limits = {
          deadline,
          alive: () => timer.refresh(),
          onGivenUp: (callback) => {
            watchers.add(callback);
            return () => watchers.delete(callback);
          },
        };
        work(mine.client, limits).then(
          (result) => {
            settle();
            resolve(result);
          },
          async (error: unknown) => {
            // What has no explanation is told as it is; the callers make it a failure of the log.
            const known = await explained(error);
            settle();
            reject(known);
          },
        );
      });
    },
    close: async () => {
      closed = true;
      await retire(connected);
    },
  };
};

interface OpenClient extends Connected {
  retire(): Promise<void>;
}

const open = (connectionString: string): OpenClient => {
  const client = clientOf(connectionString);
  dropLateAnswers(client);
  const closeChannel = closingChannelOf(client);
  const users = new Set<() => void>();
  return {
    client,
    onRetired: (callback) => {
      users.add(callback);
      return () => users.delete(callback);
    },
    retire: async () => {
      for (const user of [...users]) user();
      users.clear();
      // It cancels every call at once, and then waits for their ends: that of a read which was broken off never
      // comes, because nobody takes what had come before it.
      await atMost(DISPOSE_MS, client.dispose());
      // What it is still finding out where to connect to is nobody's business to wait for.
      void closeChannel();
    },
  };
};

nameNoAddresses();
decodeNatively();

const clientOf = (connectionString: string): EventStoreDBClient => {
  try {
    return EventStoreDBClient.connectionString(connectionString);
  } catch (error) {
    // Any other words of the client's quote the string, with the password in it.
    const ofFile = error instanceof Error && error.message.startsWith('Failed to load certificate');
    const why = ofFile ? error.message : 'its form is not the one that the client takes.';
    throw new InvalidSetting(`EventStoreDB's connection string cannot be used: ${why}`, {
      ...(ofFile ? { cause: error } : {}),
    });
  }
};
