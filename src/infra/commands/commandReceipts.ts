import type { CommandOutcome } from '../../commands/command.js';
import type { Claim, CommandReceipts } from '../../commands/ports/commandReceipts.js';
import type { Database } from '../postgres/database.js';

/** An outcome as JSON: bigints as decimal text. */
interface StoredOutcome extends Omit<CommandOutcome, 'revision' | 'position'> {
  readonly revision?: string;
  readonly position?: string;
}

export const createCommandReceipts = (database: Database): CommandReceipts => ({
  claim: async (userId, key, fingerprint): Promise<Claim> => {
    const rows = await database.query<{
      fresh: boolean;
      fingerprint: string;
      outcome: StoredOutcome | null;
    }>({
      name: 'receipts.claim',
      text: `
        with claimed as (
          insert into command_receipts (user_id, key, fingerprint)
          values ($1, $2, decode($3, 'hex')) on conflict do nothing
          returning fingerprint, outcome
        )
        select true as fresh, encode(fingerprint, 'hex') as fingerprint, outcome from claimed
        union all
        select false, encode(fingerprint, 'hex'), outcome from command_receipts
        where user_id = $1 and key = $2`,
      values: [userId, key, fingerprint],
    });
    const [row] = rows;
    // Claimed by another transaction that this statement's snapshot does not show yet.
    if (!row) return { status: 'pending', fingerprint };
    if (row.fresh) return { status: 'new' };
    return row.outcome
      ? { status: 'done', fingerprint: row.fingerprint, outcome: restored(row.outcome) }
      : { status: 'pending', fingerprint: row.fingerprint };
  },
  settle: async (userId, key, outcome) => {
    await database.query({
      name: 'receipts.settle',
      text: `update command_receipts set outcome = $3
             where user_id = $1 and key = $2 and outcome is null`,
      values: [userId, key, JSON.stringify(stored(outcome))],
    });
  },
  release: async (userId, key) => {
    await database.query({
      name: 'receipts.release',
      text: 'delete from command_receipts where user_id = $1 and key = $2 and outcome is null',
      values: [userId, key],
    });
  },
});

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
