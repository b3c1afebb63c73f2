import { createHash } from 'node:crypto';
import type { CommandName } from '../domain/commandTypes.js';
import { CommandRejected, type CommandOutcome } from './command.js';
import type { CommandReceipts } from './ports/commandReceipts.js';

/**
 * The same key with the same command gives the first answer, also when that answer was lost: the events of
 * an earlier attempt are found by their ids, which the key fixes. With another command the key is refused.
 */
export const underKey = async (
  receipts: CommandReceipts,
  userId: string,
  command: { readonly name: CommandName; readonly data: unknown; readonly key: string },
  run: (resumes: boolean) => Promise<CommandOutcome>,
): Promise<CommandOutcome> => {
  const fingerprint = fingerprintOf(command.name, command.data);
  const claim = await receipts.claim(userId, command.key, fingerprint);
  if (claim.status !== 'new' && claim.fingerprint !== fingerprint) {
    throw new CommandRejected({
      kind: 'idempotency-key-reused',
      code: 'idempotency-key-reused',
      message: 'This Idempotency-Key was used for another request. Use a new key.',
    });
  }
  if (claim.status === 'done') return claim.outcome;

  try {
    // Pending: an earlier attempt died, or still runs. What it appended is found before anything is decided.
    const outcome = await run(claim.status === 'pending');
    await receipts.settle(userId, command.key, outcome);
    return outcome;
  } catch (error) {
    // Refused for good: nothing happened and the key is free. When the log did not answer, something may have.
    if (error instanceof CommandRejected) await receipts.release(userId, command.key);
    throw error;
  }
};

/** The same for equal data, whatever the order of their fields. */
const fingerprintOf = (name: string, data: unknown): string =>
  createHash('sha256')
    .update(`${name}\n${canonicalJson(data)}`)
    .digest('hex');

const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([field, inner]) => `${JSON.stringify(field)}:${canonicalJson(inner)}`);
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value);
};
