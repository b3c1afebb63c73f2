import { CommandRejected } from '../../commands/command.js';
import type { Access } from '../../commands/ports/access.js';
import type { Database } from '../postgres/database.js';
import { exclusively } from '../postgres/pool/exclusively.js';
import type { ApiTokens } from './apiTokens.js';
import { notifySignIns, type RemembersSignIns } from './signInNotices.js';

/** Who may sign in, kept in PostgreSQL. */
export const createAccess = (dependencies: {
  readonly database: Database;
  readonly tokens: Pick<ApiTokens, 'revokeAllOf'>;
  readonly signIn: RemembersSignIns;
  /** The owners that the read model shows, when it has reached a position; `undefined` where it does not in time. */
  readonly ownersShown: (upTo: bigint) => Promise<readonly string[] | undefined>;
}): Access => {
  const { database, tokens, signIn, ownersShown } = dependencies;
  /** The last of this process: each waits with one connection, and whoever is at it needs more. */
  let last: Promise<unknown> = Promise.resolve();
  return {
    alone: (work) => {
      const result = last.then(() => exclusively(database, 'owners', work));
      last = result.catch(() => undefined);
      return result;
    },
    owners: async (upTo) => {
      const owners = await ownersShown(upTo);
      if (owners) return owners;
      throw new CommandRejected({
        kind: 'contended',
        code: 'contended',
        message: 'It is not known yet who the owners are. Try again in a moment.',
      });
    },
    roleChanged: async (userId) => {
      signIn.forget(userId);
      await notifySignIns(database, [userId]);
    },
    end: async (userId) => {
      signIn.forget(userId);
      for (const person of await tokens.revokeAllOf(userId)) signIn.forget(person);
    },
  };
};
