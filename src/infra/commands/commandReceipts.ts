import type { CommandOutcome } from '../../commands/command.js';
import type { Claim, CommandReceipts, KeyedRequest } from '../../commands/ports/commandReceipts.js';
import { createSerialiser, type Serialise } from '../../commands/handling/serialise.js';
import type { Database } from '../postgres/database.js';

/** An outcome as JSON: bigints as decimal text. */
interface StoredOutcome extends Omit<CommandOutcome, 'revision' | 'position'> {
  readonly revision?: string;
  readonly position?: string;
}

/** What requests under one key of a person take turns by. */
export const turnOf = ({ userId, key }: Pick<KeyedRequest, 'userId' | 'key'>): string =>
  `${userId} ${key}`;

/**
 * @param turns of each key, shared with the requests that are no commands: whoever waits in PostgreSQL for such a
 *   request holds a connection, and all who wait would hold those that the request needs
 */
export const createCommandReceipts = (
  database: Database,
  turns: Serialise = createSerialiser(),
): CommandReceipts => {
  const claim = async (command: KeyedRequest): Promise<Claim> => {
    const { userId, key, fingerprint } = command;
    const [row] = await database.query<{
      fresh: boolean;
      same: boolean;
      ids_by_key_alone: boolean;
      outcome: StoredOutcome | null;
    }>({
      name: 'receipts.claim',
      text: `
        with claimed as (
          insert into command_receipts (user_id, key, fingerprint, ids_by_key_alone)
          values ($1, $2, decode($3, 'hex'), false) on conflict do nothing
          returning fingerprint, ids_by_key_alone, outcome
        )
        select true as fresh, true as same, ids_by_key_alone, outcome from claimed
        union all
        select false, fingerprint = decode($3, 'hex'), ids_by_key_alone, outcome
        from command_receipts where user_id = $1 and key = $2`,
      values: [userId, key, fingerprint],
    });
    // Claimed, or released, by a transaction that this statement's snapshot does not show.
    if (!row) return claim(command);
    if (row.fresh) return { status: 'new' };
    if (!row.same) return { status: 'taken' };
    return row.outcome
      ? { status: 'done', outcome: restored(row.outcome) }
      : { status: 'pending', idsByKeyAlone: row.ids_by_key_alone };
  };
  return {
    claim: (command) => turns(turnOf(command), () => claim(command)),
    settle: async ({ userId, key, fingerprint }, outcome) => {
      const [row] = await database.query<{ outcome: StoredOutcome }>({
        name: 'receipts.settle',
        text: `update command_receipts set outcome = coalesce(outcome, $4)
               where user_id = $1 and key = $2 and fingerprint = decode($3, 'hex')
               returning outcome`,
        values: [userId, key, fingerprint, JSON.stringify(stored(outcome))],
      });
      return row ? restored(row.outcome) : outcome;
    },
    release: async ({ userId, key, fingerprint }) => {
      await database.query({
        name: 'receipts.release',
        text: `delete from command_receipts
               where user_id = $1 and key = $2 and fingerprint = decode($3, 'hex')
                 and outcome is null`,
        values: [userId, key, fingerprint],
      });
    },
  };
};

const stored = ({ revision, position, ...rest }: CommandOutcome): StoredOutcome => ({
  ...rest,
  ...(revision === undefined ? {} : { revision: revision.toString() }),
  ...(position === undefined ? {} : { position: position.toString() }),
});

const restored = ({ revision, position, ...rest }: StoredOutcome): CommandOutcome => ({
  ...rest,
  ...(revision === undefined ? {} : { revision: BigInt(revision) }),
  ...(position === undefined ? {} : { position: BigInt(position) }),
});
