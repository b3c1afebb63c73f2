import type { Logger } from 'pino';
import type { Commands } from '../../commands/commands.js';
import type { ImageStore } from '../../commands/ports/images.js';
import type { CollectionProvider, MovieProvider } from '../../commands/ports/movieProvider.js';
import type { Reaction } from '../../commands/ports/reactions.js';
import type { WorkQueue } from '../../commands/ports/workQueue.js';
import type { Jobs } from '../jobs/jobs.js';
import type { Config } from '../config/config.js';
import type { KnownCatalogue } from '../imports/knownCatalogue.js';
import type { Task } from '../jobs/queue/task.js';
import type { OutgoingObserver } from '../outgoing/outgoing.js';
import type { Database } from '../postgres/database.js';

/** What background work is made with. */
export interface ForBackgroundWork {
  readonly config: Config;
  readonly database: Database;
  readonly connectionString: string;
  readonly jobs: Pick<Jobs, 'task'>;
  readonly commands: Pick<Commands, 'enrich' | 'execute' | 'fetchImage' | 'refreshCollection'>;
  readonly catalogue: KnownCatalogue;
  readonly images: ImageStore;
  readonly logger: Logger;
  readonly tmdb: (MovieProvider & CollectionProvider) | undefined;
  readonly observer: OutgoingObserver | undefined;
}

/** One kind of background work, where it is configured. */
export interface WorkPart {
  reactions(queue: WorkQueue): readonly Reaction[];
  readonly tasks: readonly Task[];
  close(): Promise<void>;
}
