import { LRUCache } from 'lru-cache';
import type { Actor } from '../../commands/command.js';
import type { EventStore } from '../../commands/ports/eventStore.js';
import type { AccountState } from '../../domain/account/account.js';
import type { Scope } from '../../domain/account/permissions.js';
import { accountInLog } from '../../queries/accounts/accountInLog.js';
import type { RemembersSignIns } from './signInNotices.js';
import type { ApiTokens, TokenHolder } from './apiTokens.js';

/** Who a request comes from. */
export interface SignedIn {
  readonly actor: Actor;
  readonly zone: string;
  readonly dayEndsAt?: string | undefined;
  readonly tokenId: string;
  readonly scopes: readonly Scope[];
}

/** Tells who holds a token, remembering it for a moment. */
export interface SignIn extends RemembersSignIns {
  /** What is remembered; cheap enough for every request. */
  remembered(token: string): SignedIn | undefined;
  /** @returns `undefined` for a token that is not valid. */
  lookUp(token: string): Promise<SignedIn | undefined>;
  /** Whether somebody has this id. */
  knows(userId: string): Promise<boolean>;
}

const REMEMBERED = 10_000;
/** How long a process that did not hear of it may still accept a token that was revoked. */
const REMEMBERED_MS = 5_000;

/** @param rememberedMs how long who holds a token is remembered; default 5,000 */
export const createSignIn = (
  tokens: ApiTokens,
  eventStore: EventStore,
  rememberedMs = REMEMBERED_MS,
): SignIn => {
  const known = new LRUCache<string, SignedIn>({ max: REMEMBERED, ttl: rememberedMs });
  let forgotten = 0;
  return {
    remembered: (token) => known.get(token),
    lookUp: async (token) => {
      const before = forgotten;
      const holder = await tokens.holderOf(token);
      const account = holder && (await accountOf(eventStore, holder.userId));
      if (!holder || account?.status !== 'registered') return undefined;
      const signedIn: SignedIn = {
        actor: { userId: holder.userId, role: account.role },
        zone: account.zone,
        dayEndsAt: account.preferences.dayEndsAt,
        tokenId: holder.tokenId,
        scopes: holder.scopes,
      };
      // What was forgotten meanwhile may have been this: not remembered then.
      if (forgotten === before) known.set(token, signedIn, { ttl: timeLeft(holder, rememberedMs) });
      return signedIn;
    },
    knows: async (userId) => (await accountOf(eventStore, userId)).status === 'registered',
    forget: (userId) => {
      forgotten += 1;
      for (const [token, signedIn] of known.entries()) {
        if (signedIn.actor.userId === userId) known.delete(token);
      }
    },
    forgetAll: () => {
      forgotten += 1;
      known.clear();
    },
  };
};

/** Never beyond the token's own time; to the cache, 0 would be for ever. */
const timeLeft = ({ expiresAt }: TokenHolder, mostMs: number): number =>
  expiresAt === null ? mostMs : Math.max(1, Math.min(mostMs, expiresAt.getTime() - Date.now()));

/** The account as the log has it: true at once, while a read model may lag. */
export const accountOf = async (eventStore: EventStore, userId: string): Promise<AccountState> =>
  (await accountInLog(eventStore, userId)).state;
