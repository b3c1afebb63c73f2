import { CommandRejected, type ExecuteCommand } from '../../commands/command.js';
import { derivedId } from '../../domain/streams.js';
import type { ApiTokens } from './apiTokens.js';

/** The account that a new installation begins with. */
export const OWNER_ID = derivedId('owner');

/**
 * Makes the owner's account and, where there is none yet, a token for it.
 * @returns the token, on the first start alone: it cannot be shown again.
 */
export const ensureOwner = async (
  execute: ExecuteCommand,
  tokens: ApiTokens,
  timezone: string,
): Promise<string | undefined> => {
  if ((await tokens.list(OWNER_ID)).length > 0) return undefined;
  try {
    await execute({
      name: 'RegisterAccount',
      data: { userId: OWNER_ID, displayName: 'Owner', role: 'owner', timezone },
      actor: { userId: OWNER_ID, role: 'owner' },
    });
  } catch (error) {
    // The owner is there, under another name by now, but has no token left.
    if (!(error instanceof CommandRejected) || error.failure.kind !== 'already-exists') throw error;
  }
  const { token } = await tokens.create({ userId: OWNER_ID, name: 'first start' });
  return token;
};
