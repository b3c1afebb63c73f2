import { createHash } from 'node:crypto';
import { idsUnderKey, idsUnderKeyAlone, type CommandIds } from './call.js';
import { CommandRejected, type CommandOutcome, type CommandRequest } from '../command.js';
import type { CommandReceipts } from '../ports/commandReceipts.js';

/**
 * The same key with the same command gives the first answer, also when that answer was lost or forgotten: the
 * events of an earlier attempt are found by their ids. With another command the key is refused; when its receipt
 * was forgotten, that is a new command.
 */
export const underKey = async (
  receipts: CommandReceipts,
  request: { readonly userId: string; readonly key: string } & Pick<
    CommandRequest,
    'name' | 'data'
  >,
  run: (ids: CommandIds) => Promise<CommandOutcome>,
): Promise<CommandOutcome> => {
  const { userId, key } = request;
  const command = { userId, key, fingerprint: fingerprintOf(request.name, request.data) };
  const claim = await receipts.claim(command);
  if (claim.status === 'taken') throw keyReused();
  if (claim.status === 'done') return claim.outcome;
  const ids =
    claim.status === 'pending' && claim.idsByKeyAlone
      ? idsUnderKeyAlone(userId, key)
      : idsUnderKey(userId, key, command.fingerprint);
  try {
    return await receipts.settle(command, await run(ids));
  } catch (error) {
    // Refused for good: nothing happened and the key is free. When the log did not answer, something may have.
    if (error instanceof CommandRejected) await receipts.release(command);
    throw error;
  }
};

export const keyReused = ({
  message = 'This Idempotency-Key was used for another request. Use a new key.',
  ...options
}: ErrorOptions & { readonly message?: string } = {}): CommandRejected =>
  new CommandRejected(
    { kind: 'idempotency-key-reused', code: 'idempotency-key-reused', message },
    options,
  );

/** What a request is: the same for equal data, whatever the order of their fields. */
export const fingerprintOf = (name: string, data: unknown): string =>
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
