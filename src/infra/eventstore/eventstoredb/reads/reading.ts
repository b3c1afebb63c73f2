import type { ResolvedEvent, StreamingRead } from '@eventstore/db-client';
import type { Limits } from '../client/connection.js';

/**
 * Takes events from a read of the client until there are no more or `take` wants none, and leaves nothing
 * open. The client gives a read no deadline of its own (`dist/streams/readAll.js`).
 * @returns whether the read came to its end
 */
export const takeEach = async (
  read: StreamingRead<ResolvedEvent>,
  { alive, onGivenUp }: Limits,
  take: (event: ResolvedEvent) => 'more' | 'enough',
): Promise<boolean> => {
  // Told by the loop; one that comes later is nobody's.
  read.on('error', () => undefined);
  const stop = onGivenUp((error) => read.destroy(error));
  try {
    for await (const event of read) {
      alive();
      if (take(event) === 'enough') return false;
    }
    return true;
  } finally {
    stop();
    await read.cancel().catch(() => undefined);
  }
};
