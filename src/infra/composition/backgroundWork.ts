import type { Reaction } from '../../commands/ports/reactions.js';
import { exclusively } from '../postgres/pool/exclusively.js';
import { openEnrichment } from './enrichment.js';
import type { ForBackgroundWork } from './workPart.js';

/** What is done apart from requests: the reactions that make work for a queue, and the tasks that do it. */
export interface BackgroundWork {
  readonly reactions: readonly Reaction[];
  /** From now on this process does work that waits. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** @returns `undefined` where nothing of it is configured; nothing of it is loaded then */
export const openBackgroundWork = async (
  given: ForBackgroundWork,
): Promise<BackgroundWork | undefined> => {
  const opened = await Promise.all([openEnrichment(given)]);
  const parts = opened.filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  const { openWorkQueue } = await import('../jobs/queue/workQueue.js');
  const { database, connectionString, logger } = given;
  const closeParts = () => Promise.all(parts.map((part) => part.close()));
  // Of several processes that start at once, one makes its tables.
  const queue = await exclusively(database, 'work queue', () =>
    openWorkQueue({
      ...{ database, connectionString, logger },
      tasks: parts.flatMap(({ tasks }) => tasks),
    }),
  ).catch(async (error: unknown) => {
    await closeParts();
    throw error;
  });
  return {
    reactions: parts.flatMap((part) => part.reactions(queue)),
    start: () => queue.start(),
    close: async () => {
      await queue.close();
      await closeParts();
    },
  };
};
