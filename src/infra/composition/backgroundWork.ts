import type { Reaction } from '../../commands/ports/reactions.js';
import type { WorkQueue } from '../../commands/ports/workQueue.js';
import type { Task } from '../jobs/queue/task.js';
import type { OpenWorkQueue } from '../jobs/queue/workQueue.js';
import { exclusively } from '../postgres/pool/exclusively.js';
import { openEnrichment } from './enrichment.js';
import { openPictures } from './pictures.js';
import { openRadarrImports } from './radarr.js';
import type { ForBackgroundWork } from './workPart.js';

/** What is done apart from requests: the reactions that make work for a queue, and the tasks that do it. */
export interface BackgroundWork {
  readonly reactions: readonly Reaction[];
  readonly queue: Pick<WorkQueue, 'add'>;
  /** From now on this process does work that waits. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** @returns `undefined` where nothing of it is configured; nothing of it is loaded then */
export const openBackgroundWork = async (
  given: ForBackgroundWork,
): Promise<BackgroundWork | undefined> => {
  const opened = await Promise.all([
    openEnrichment(given),
    openPictures(given.config, given),
    openRadarrImports(given),
  ]);
  const parts = opened.filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  const closeParts = () => Promise.all(parts.map((part) => part.close()));
  const tasks = [given.jobs.task, ...parts.flatMap((part) => part.tasks)];
  const queue = await openQueue(given, tasks).catch(async (error: unknown) => {
    await closeParts();
    throw error;
  });
  return {
    reactions: parts.flatMap((part) => part.reactions(queue)),
    queue,
    start: () => queue.start(),
    close: async () => {
      await queue.close();
      await closeParts();
    },
  };
};

/** Puts work in the queue without doing any: what tools beside the service do, and what serves the API alone. */
export const queueBeside = (given: ForQueue): Pick<WorkQueue, 'add'> => ({
  add: async (work, options) => {
    const queue = await openQueue(given, []);
    try {
      await queue.add(work, options);
    } finally {
      await queue.close();
    }
  },
});

type ForQueue = Pick<ForBackgroundWork, 'database' | 'connectionString' | 'logger'>;

/** Of several processes that open it at once, one makes its tables. */
const openQueue = async (
  { database, connectionString, logger }: ForQueue,
  tasks: readonly Task[],
): Promise<OpenWorkQueue> => {
  const { openWorkQueue } = await import('../jobs/queue/workQueue.js');
  return exclusively(database, 'work queue', () =>
    openWorkQueue({ database, connectionString, logger, tasks }),
  );
};
