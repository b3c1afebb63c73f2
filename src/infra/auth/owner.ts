import type { EventStore } from '../../commands/ports/eventStore.js';
import { CommandRejected, type ExecuteCommand } from '../../commands/command.js';
import { scopes } from '../../domain/account/permissions.js';
import { derivedId } from '../../domain/streams.js';
import type { ApiTokens } from './apiTokens.js';
import { accountOf } from './signedIn.js';

/** The account that a new installation begins with. */
export const OWNER_ID = derivedId('owner');

/** Makes the owner's account where there is none yet. */
export const ensureOwner = async (execute: ExecuteCommand, timezone: string): Promise<void> => {
  try {
    await execute({
      name: 'RegisterAccount',
      data: { userId: OWNER_ID, displayName: 'Owner', role: 'owner', timezone },
      actor: { userId: OWNER_ID, role: 'owner' },
    });
  } catch (error) {
    // The owner is there, under another name by now.
    if (!(error instanceof CommandRejected) || error.failure.kind !== 'already-exists') throw error;
  }
};

/**
 * Makes a token for the owner where there is none.
 * @returns the token, on the first start alone: it cannot be shown again.
 */
export const firstToken = async (
  tokens: ApiTokens,
  eventStore: EventStore,
): Promise<string | undefined> => {
  const account = await accountOf(eventStore, OWNER_ID);
  // Somebody else owns the installation by now.
  if (account.status !== 'registered' || account.role !== 'owner') return undefined;
  if ((await tokens.list({ userId: OWNER_ID })).length > 0) return undefined;
  const { token } = await tokens.create({ userId: OWNER_ID, name: 'first start', scopes });
  return token;
};
