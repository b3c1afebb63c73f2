import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Scope } from '../../domain/account/permissions.js';
import type { Connection, Database } from '../postgres/database.js';
import { notifySignIns } from './signInNotices.js';

/** A token as its owner may see it again: never the secret. */
export interface TokenInfo {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  /** The token that it was made with; `null` for one made beside the service. */
  readonly madeWith: string | null;
}

/** Whose a valid token is. */
export interface TokenHolder {
  readonly tokenId: string;
  readonly userId: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
}

/** A place in the list of tokens. */
export interface TokenPlace {
  readonly createdAt: string;
  readonly id: string;
}

/** Why a token is not made. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  constructor(readonly reason: 'too-many' | 'maker-ended') {
    super(
      reason === 'too-many'
        ? `A person has at most ${MOST_TOKENS} tokens at a time: revoke one that is not needed.`
        : 'The token that makes it was revoked or has expired.',
    );
  }
}

/** Bearer tokens for scripts, players and people. */
export interface ApiTokens {
  /**
   * @returns the token itself, which is shown once and not stored.
   * @throws {TokenRefused}
   */
  create(request: {
    readonly userId: string;
    readonly name: string;
    readonly scopes?: readonly Scope[];
    /** One made with another token ends with that at the latest. */
    readonly expiresAt?: Date;
    /** The id of the token that makes it. */
    readonly madeWith?: string;
  }): Promise<{ readonly token: string; readonly info: TokenInfo }>;
  /** `undefined` for a token that never was, is revoked or has expired. */
  holderOf(token: string): Promise<TokenHolder | undefined>;
  /** The tokens that are not revoked, of one person or of everybody, oldest first. */
  list(options?: {
    readonly userId?: string;
    readonly after?: TokenPlace;
    readonly limit?: number;
  }): Promise<readonly TokenInfo[]>;
  /**
   * Revokes a token and, at any remove, those made with it.
   * @param whose only if it is this person's
   * @returns the people whose tokens ended; nobody where there is no such token
   */
  revoke(tokenId: string, whose?: string): Promise<readonly string[]>;
  /** The same with every token of a person. */
  revokeAllOf(userId: string): Promise<readonly string[]>;
}

/** So many that are good at the same time has a person at most. */
export const MOST_TOKENS = 100;
/** Recognisable in logs and by secret scanners. */
const PREFIX = 'reel_';
const SECRET_BYTES = 32;
/** `last_used_at` is written at most so often for a token. */
const USED_EVERY = '1 hour';
/** The advisory lock of whoever makes or revokes tokens, apart from others in the database. */
const LOCK = 7_236_583_121n;

interface TokenRow {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly scopes: Scope[];
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
  readonly made_with: string | null;
}

const COLUMNS = 'id, user_id, name, scopes, created_at, expires_at, last_used_at, made_with';
const IS_LIVE = 'revoked_at is null and (expires_at is null or expires_at > now())';

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const toInfo = (row: TokenRow): TokenInfo => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  scopes: row.scopes,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  madeWith: row.made_with,
});

export const createApiTokens = (database: Database): ApiTokens => {
  /** One at a time: a token is not made with one that is being revoked, nor one more than a person may have. */
  const alone = <T>(work: (tx: Connection) => Promise<T>): Promise<T> =>
    database.transaction(async (tx) => {
      await tx.query({ text: 'select pg_advisory_xact_lock($1)', values: [LOCK] });
      return work(tx);
    });

  const end = (which: string, values: readonly unknown[]): Promise<readonly string[]> =>
    alone(async (tx) => {
      const rows = await tx.query<{ user_id: string }>({
        text: `with recursive ended as (
                 select id from api_tokens where revoked_at is null and ${which}
                 union select t.id from api_tokens t join ended e on t.made_with = e.id
               ), revoked as (
                 update api_tokens t set revoked_at = now() from ended e
                 where t.id = e.id and t.revoked_at is null returning t.user_id
               )
               select distinct user_id from revoked`,
        values,
      });
      const people = rows.map(({ user_id }) => user_id);
      await notifySignIns(tx, people);
      return people;
    });

  return {
    create: async ({ userId, name, scopes = ['read', 'write'], expiresAt, madeWith }) => {
      const token = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
      const row = await alone(async (tx) => {
        const [now] = await tx.query<{ live: number; maker: boolean }>({
          text: `select (select count(*)::int from api_tokens where user_id = $1 and ${IS_LIVE}) as live,
                        exists (select from api_tokens where id = $2 and ${IS_LIVE}) as maker`,
          values: [userId, madeWith ?? null],
        });
        if (madeWith !== undefined && !now?.maker) throw new TokenRefused('maker-ended');
        if (now && now.live >= MOST_TOKENS) throw new TokenRefused('too-many');
        const [made] = await tx.query<TokenRow>({
          text: `insert into api_tokens (id, user_id, name, scopes, hash, expires_at, made_with)
                 values ($1, $2, $3, $4, $5,
                         least($6::timestamptz, (select expires_at from api_tokens where id = $7)), $7)
                 returning ${COLUMNS}`,
          values: [
            ...[randomUUID(), userId, name, scopes, hashOf(token), expiresAt ?? null],
            madeWith ?? null,
          ],
        });
        return made;
      });
      if (!row) throw new Error('the token was not stored');
      return { token, info: toInfo(row) };
    },
    holderOf: async (token) => {
      if (!token.startsWith(PREFIX)) return undefined;
      const [row] = await database.query<TokenRow>({
        name: 'tokens.holder',
        text: `with used as (
                 update api_tokens set last_used_at = now()
                 where hash = $1 and (last_used_at is null or last_used_at < now() - $2::interval)
               )
               select ${COLUMNS} from api_tokens where hash = $1 and ${IS_LIVE}`,
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
    list: async ({ userId, after, limit } = {}) => {
      // To the millisecond, as places are given.
      const by = "date_trunc('milliseconds', created_at), id";
      const rows = await database.query<TokenRow>({
        text: `select ${COLUMNS} from api_tokens
               where revoked_at is null and ($1::uuid is null or user_id = $1)
                 and ($2::timestamptz is null or (${by}) > ($2::timestamptz, $3::uuid))
               order by ${by} limit $4`,
        values: [userId ?? null, after?.createdAt ?? null, after?.id ?? null, limit ?? null],
      });
      return rows.map(toInfo);
    },
    revoke: (tokenId, whose) =>
      end('id = $1 and ($2::uuid is null or user_id = $2)', [tokenId, whose ?? null]),
    revokeAllOf: (userId) => end('user_id = $1', [userId]),
  };
};
