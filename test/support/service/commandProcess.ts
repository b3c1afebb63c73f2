import { randomUUID } from 'node:crypto';
import {
  CommandRejected,
  type Actor,
  type CommandData,
  type CommandFailure,
  type CommandName,
  type CommandOutcome,
  type CommandRequest,
} from '../../../src/commands/command.js';
import { createCommands, type Commands } from '../../../src/commands/commands.js';
import type { Access } from '../../../src/commands/ports/access.js';
import type { EventStore } from '../../../src/commands/ports/eventStore.js';
import { createCommandReceipts } from '../../../src/infra/commands/commandReceipts.js';
import { createReservations } from '../../../src/infra/commands/reservations.js';
import { withDomainEvents } from '../../../src/infra/eventstore/domainEventStore.js';
import { withHashChain } from '../../../src/infra/eventstore/hashChain.js';
import { createPersonalKeys } from '../../../src/infra/eventstore/privacy/personalKeys.js';
import { createTitleViewers } from '../../../src/infra/reactions/titleViewers.js';
import { openDatabase, type Database } from '../../../src/infra/postgres/database.js';
import { freshDatabase, type FreshDatabase } from '../postgres/database.js';
import type { EventLog } from '../../../src/infra/composition/storage.js';
import { openEventLog } from '../postgres/eventLog.js';
import { testLogger } from '../run/logger.js';
import { rejection } from '../deciders/rejection.js';

export const owner: Actor = { userId: randomUUID(), role: 'owner' };
export const admin: Actor = { userId: randomUUID(), role: 'admin' };
export const member: Actor = { userId: randomUUID(), role: 'member' };

type Told = Omit<CommandRequest, 'name' | 'data' | 'actor'> & { readonly actor?: Actor };

/** What one process of Reellog has open to run commands: connections and memory of its own. */
export interface CommandProcess {
  readonly database: Database;
  readonly eventStore: EventStore;
  /** What is behind it: gives events as they are stored. */
  readonly log: EventStore;
  readonly commands: Commands;
  /** Runs a command, as the owner unless it says otherwise. */
  run<Name extends CommandName>(
    name: Name,
    data: CommandData<Name>,
    told?: Told,
  ): Promise<CommandOutcome>;
  /** Runs a command that must be refused. @returns why */
  refused<Name extends CommandName>(
    name: Name,
    data: CommandData<Name>,
    told?: Told,
  ): Promise<CommandFailure>;
  close(): Promise<void>;
}

/** Of a process without an API, in which nobody owns anything. */
const lonelyAccess: Access = {
  alone: (work) => work(),
  owners: () => Promise.resolve([]),
  roleChanged: () => Promise.resolve(),
  end: () => Promise.resolve(),
};

export const openCommandProcess = async (
  connectionString: string,
  options: {
    readonly now?: () => Date;
    readonly hashChain?: boolean;
    /** Another log than that of the database. */
    readonly log?: EventLog;
  } = {},
): Promise<CommandProcess> => {
  const database = openDatabase({ connectionString, maxConnections: 5, logger: testLogger });
  const log = options.log ?? (await openEventLog(database, connectionString));
  const chained = withHashChain(log, { begins: options.hashChain ?? false });
  const eventStore = withDomainEvents(chained, { personalKeys: createPersonalKeys(database) });
  const commands = createCommands({
    eventStore,
    reservations: createReservations(database),
    access: lonelyAccess,
    receipts: createCommandReceipts(database),
    viewers: createTitleViewers(database),
    clock: { now: options.now ?? (() => new Date()) },
    newId: randomUUID,
  });
  const run = <Name extends CommandName>(name: Name, data: CommandData<Name>, told: Told = {}) =>
    commands.execute({ actor: owner, ...told, name, data });
  return {
    database,
    eventStore,
    log,
    commands,
    run,
    refused: async (name, data, told) =>
      (await rejection(run(name, data, told), CommandRejected)).failure,
    close: async () => {
      await log.close();
      await database.close();
    },
  };
};

/** Two processes of Reellog on one database of a test's own. */
export interface TwoProcesses {
  readonly fresh: FreshDatabase;
  readonly here: CommandProcess;
  readonly elsewhere: CommandProcess;
  close(): Promise<void>;
}

export const openTwoProcesses = async (): Promise<TwoProcesses> => {
  const fresh = await freshDatabase();
  const here = await openCommandProcess(fresh.connectionString);
  const elsewhere = await openCommandProcess(fresh.connectionString);
  return {
    fresh,
    here,
    elsewhere,
    close: async () => {
      await here.close();
      await elsewhere.close();
      await fresh.drop();
    },
  };
};
