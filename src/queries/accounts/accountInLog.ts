import { isEventStoreFailure, type EventStore } from '../../commands/ports/eventStore.js';
import { accountDecider, type AccountState } from '../../domain/account/account.js';
import type { AccountEvent } from '../../domain/account/events.js';
import { accountStream } from '../../domain/streams.js';

/** An account as the log has it. */
export interface AccountInLog {
  readonly state: AccountState;
  /** Of its first event; `undefined` where there is none. */
  readonly registeredAt: Date | undefined;
  /** Of its last event; -1 where there is none. */
  readonly revision: bigint;
}

/**
 * Folds a person's account from the log: true at once, while a read model may lag. While the server of the log is away,
 * as far as is known here: who signs in reads on.
 */
export const accountInLog = async (log: AccountLog, userId: string): Promise<AccountInLog> => {
  try {
    return await folded(log, userId, false);
  } catch (error) {
    const isAway =
      isEventStoreFailure(error, 'unavailable') || isEventStoreFailure(error, 'timeout');
    if (!isAway || !log.readsMayLag) throw error;
    return folded(log, userId, true);
  }
};

type AccountLog = Pick<EventStore, 'readStream' | 'readsMayLag'>;

const folded = async (log: AccountLog, userId: string, mayLag: boolean): Promise<AccountInLog> => {
  let state = accountDecider.initialState;
  let registeredAt: Date | undefined;
  let revision = -1n;
  for (let more = true; more;) {
    const slice = await log.readStream(accountStream(userId), { from: revision + 1n, mayLag });
    for (const event of slice.events) {
      // The domain event store checked the event; an account's stream holds nothing else.
      state = accountDecider.evolve(state, event as unknown as AccountEvent);
      registeredAt ??= event.recordedAt;
      revision = event.revision;
    }
    more = slice.hasMore;
  }
  return { state, registeredAt, revision };
};
