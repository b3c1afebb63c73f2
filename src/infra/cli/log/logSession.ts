import type { EventStore } from '../../../commands/ports/eventStore.js';
import { openLog } from '../../composition/storage.js';
import { withDomainEvents } from '../../eventstore/domainEventStore.js';
import { startUp, interruptible } from '../session.js';

/** Opens the log alone, to read it: upcast and with personal text readable, unless it is wanted as it is stored. */
export const withLog = async <T>(
  signal: AbortSignal,
  { raw }: { readonly raw: boolean },
  work: (log: EventStore) => Promise<T>,
): Promise<T> => {
  const { config, logger } = startUp();
  const options = { logger, signal, embedded: 'join' } as const;
  const opened = await interruptible(signal, openLog(config, options));
  try {
    return await work(raw ? opened.log : withDomainEvents(opened.log, opened));
  } finally {
    await opened.close();
  }
};
