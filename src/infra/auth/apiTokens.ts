import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Scope } from '../../domain/account/permissions.js';
import type { Database } from '../postgres/database.js';

/** A token as its owner may see it again: never the secret. */
export interface TokenInfo {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

/** Whose a valid token is. */
export interface TokenHolder {
  readonly tokenId: string;
  readonly userId: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
}

/** Bearer tokens for scripts, players and people. */
export interface ApiTokens {
  /** @returns the token itself, which is shown once and not stored. */
  create(request: {
    readonly userId: string;
    readonly name: string;
    readonly scopes?: readonly Scope[];
    readonly expiresAt?: Date;
  }): Promise<{ readonly token: string; readonly info: TokenInfo }>;
  /** `undefined` for a token that never was, is revoked or has expired. */
  holderOf(token: string): Promise<TokenHolder | undefined>;
  list(userId: string): Promise<readonly TokenInfo[]>;
  /** @returns whether the person had such a token. */
  revoke(userId: string, tokenId: string): Promise<boolean>;
}

/** Recognisable in logs and by secret scanners. */
const PREFIX = 'reel_';
const SECRET_BYTES = 32;
/** `last_used_at` is written at most so often for a token. */
const USED_EVERY = '1 hour';

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: Scope[];
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
}

const COLUMNS = 'id, name, scopes, created_at, expires_at, last_used_at';

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const toInfo = (row: TokenRow): TokenInfo => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
});

export const createApiTokens = (database: Database): ApiTokens => ({
  create: async ({ userId, name, scopes = ['read', 'write'], expiresAt }) => {
    const token = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
    const [row] = await database.query<TokenRow>({
      text: `insert into api_tokens (id, user_id, name, scopes, hash, expires_at)
             values ($1, $2, $3, $4, $5, $6) returning ${COLUMNS}`,
      values: [randomUUID(), userId, name, scopes, hashOf(token), expiresAt ?? null],
    });
    if (!row) throw new Error('the token was not stored');
    return { token, info: toInfo(row) };
  },
  holderOf: async (token) => {
    if (!token.startsWith(PREFIX)) return undefined;
    const [row] = await database.query<TokenRow & { readonly user_id: string }>({
      name: 'tokens.holder',
      text: `with used as (
               update api_tokens set last_used_at = now()
               where hash = $1 and (last_used_at is null or last_used_at < now() - $2::interval)
             )
             select ${COLUMNS}, user_id from api_tokens
             where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
      values: [hashOf(token), USED_EVERY],
    });
    return (
      row && {
        tokenId: row.id,
        userId: row.user_id,
        scopes: row.scopes,
        expiresAt: row.expires_at,
      }
    );
  },
  list: async (userId) => {
    const rows = await database.query<TokenRow>({
      text: `select ${COLUMNS} from api_tokens
             where user_id = $1 and revoked_at is null order by created_at, id`,
      values: [userId],
    });
    return rows.map(toInfo);
  },
  revoke: async (userId, tokenId) => {
    const rows = await database.query({
      text: `update api_tokens set revoked_at = now()
             where user_id = $1 and id = $2 and revoked_at is null returning id`,
      values: [userId, tokenId],
    });
    return rows.length > 0;
  },
});
