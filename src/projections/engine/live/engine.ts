import { isEventStoreFailure, type EventStore } from '../../../commands/ports/eventStore.js';
import type { EngineLog } from '../../ports/engineLog.js';
import { unobserved, type EngineObserver } from '../../ports/engineObserver.js';
import type { Parking, PoisonPolicy } from '../../ports/parking.js';
import type { InvalidationKey, Projection } from '../../ports/projection.js';
import type { ReadModelStore, StoredCheckpoint } from '../../ports/readModelStore.js';
import { createPastReader } from '../past.js';
import { Feed } from './feed.js';
import { ProjectionWorker } from './worker.js';
import type { WorkerState } from './workerState.js';
import { atMost } from '../../../commands/ports/waiting.js';

/** How one read model is. */
export interface ProjectionStatus {
  readonly name: string;
  /** Of the rows that are served. */
  readonly version: number;
  /** Where these are, or will be at first. */
  readonly schema: string;
  readonly position: bigint;
  readonly head: bigint;
  /** How many events the log has up to there. */
  readonly ordinal: bigint;
  /** How many events are not in the rows. */
  readonly lagEvents: bigint;
  /** How old the oldest event is that is not in the rows; 0 when there is none. */
  readonly lagSeconds: number;
  /** Of the worker here; where there is none, as far as the checkpoint tells of one elsewhere. */
  readonly worker: WorkerState;
  /** Whether there is a worker here, leading or not. */
  readonly here: boolean;
  /** Events applied per second since the engine started. */
  readonly rate: number;
  /** How many events are parked: missing in the rows, because they could not be projected. */
  readonly parked: number;
}

/** Runs the read models. */
export interface ProjectionEngine {
  start(): void;
  /** Finishes the pages in hand, bounded. */
  stop(): Promise<void>;
  status(): Promise<readonly ProjectionStatus[]>;
  /** A read model was reset from elsewhere: its worker here starts over. */
  restart(name: string): void;
  readonly names: readonly string[];
}

export class UnknownProjection extends Error {
  override readonly name = 'UnknownProjection';
}

/** The read model of this name. @throws {UnknownProjection} naming those that there are */
export const knownProjection = <Known extends { readonly name: string }>(
  projections: readonly Known[],
  name: string,
): Known => {
  const found = projections.find((projection) => projection.name === name);
  if (found) return found;
  const names = projections.map((projection) => projection.name).join(', ');
  throw new UnknownProjection(`There is no projection "${name}". There are: ${names}.`);
};

/** In memory a page of a few megabytes; beyond it a rebuild gains next to nothing. */
const PAGE = 2_000;
/** A page in hand gets so long to finish when the engine stops. */
const STOP_MS = 5_000;

export const createProjectionEngine = (dependencies: {
  readonly eventStore: EventStore;
  readonly store: ReadModelStore;
  readonly projections: readonly Projection[];
  readonly log: EngineLog;
  /** Where events go that cannot be projected; default: they are tried for ever. */
  readonly parking?: Parking;
  /** What a read model does about them; default: park. */
  readonly onPoison?: (name: string) => PoisonPolicy;
  /** Default: nobody looks on. */
  readonly observer?: EngineObserver;
  /** Told where the rows of a read model are, before how far they are. */
  readonly serves?: (name: string, schema: string) => void;
  /** Told whenever a read model of this process has reached a position, before anybody who waits for it. */
  readonly reached?: (name: string, position: bigint, keys: readonly InvalidationKey[]) => void;
  /** Events in one transaction while catching up; default 2,000. */
  readonly pageSize?: number;
}): ProjectionEngine => {
  const { eventStore, store, projections, log, pageSize = PAGE } = dependencies;
  const { observer = unobserved, parking, onPoison = () => 'park' } = dependencies;
  const feed = new Feed(eventStore);
  const pastBefore = createPastReader(eventStore);
  const stopping = new AbortController();
  const workers = new Map<
    string,
    { worker: ProjectionWorker; restart: AbortController; running: Promise<void> }
  >();
  let startedAt = performance.now();

  const begin = (projection: Projection): void => {
    const worker = new ProjectionWorker(projection, {
      store,
      log,
      observer,
      ...(parking ? { poison: { parking, policy: onPoison(projection.name) } } : {}),
      pageSize,
      pastBefore,
      serves: (schema) => dependencies.serves?.(projection.name, schema),
      reached: (position, keys) => dependencies.reached?.(projection.name, position, keys),
    });
    const restart = new AbortController();
    const running = worker.run(
      eventStore,
      (follower, signal) => feed.follow(follower, signal),
      AbortSignal.any([stopping.signal, restart.signal]),
    );
    workers.set(projection.name, { worker, restart, running });
  };

  const restart = (name: string): void => {
    const entry = workers.get(name);
    const projection = projections.find((candidate) => candidate.name === name);
    if (!entry || !projection || stopping.signal.aborted) return;
    entry.restart.abort();
    void entry.running.then(() => {
      if (workers.get(name) === entry && !stopping.signal.aborted) begin(projection);
    });
  };

  return {
    names: projections.map(({ name }) => name),
    start: () => {
      startedAt = performance.now();
      for (const projection of projections) begin(projection);
    },
    stop: async () => {
      stopping.abort();
      await atMost(STOP_MS, Promise.all([...workers.values()].map(({ running }) => running)));
    },
    status: async () => {
      const [head, checkpoints, parked] = await Promise.all([
        eventStore.headPosition(),
        store.checkpoints(),
        parking?.counts(),
      ]);
      const seconds = Math.max((performance.now() - startedAt) / 1000, 0.001);
      const places = projections.map(({ name }) => {
        const stored = checkpoints.find((checkpoint) => checkpoint.name === name);
        const here = workers.get(name)?.worker.position ?? 0n;
        return { stored, position: stored && stored.position > here ? stored.position : here };
      });
      const positions = [head, ...places.map(({ position }) => position)];
      const [events = 0n, ...ordinals] = await eventStore.ordinalsAt(positions);
      return Promise.all(
        projections.map(async ({ name, version }, nth): Promise<ProjectionStatus> => {
          const worker = workers.get(name)?.worker;
          const { stored, position = 0n } = places[nth] ?? {};
          const ordinal = ordinals[nth] ?? 0n;
          const lag = {
            events: events > ordinal ? events - ordinal : 0n,
            seconds: await lagSeconds(eventStore, head, position, stored),
          };
          return {
            name,
            version: stored?.version ?? version,
            schema: stored?.schema ?? name,
            position,
            ordinal,
            head,
            lagEvents: lag.events,
            lagSeconds: lag.seconds,
            worker: worker?.status ?? elsewhere(stored, lag.events),
            here: worker !== undefined,
            rate: (worker?.applied ?? 0) / seconds,
            parked: parked?.get(name) ?? 0,
          };
        }),
      );
    },
    restart,
  };
};

/** What can be told of a worker in another process. */
const elsewhere = (stored: StoredCheckpoint | undefined, lagEvents: bigint): WorkerState => {
  if (!stored?.led) return { state: 'stopped' };
  if (stored.failure) return { state: 'failing', ...stored.failure };
  return { state: lagEvents === 0n ? 'live' : 'catching-up' };
};

/** For how long a read model is behind. Of an event that cannot be read it is known that nothing has come after it. */
const lagSeconds = async (
  eventStore: EventStore,
  head: bigint,
  position: bigint,
  stored: StoredCheckpoint | undefined,
): Promise<number> => {
  if (head <= position) return 0;
  let next: readonly { readonly recordedAt: Date }[] = [];
  try {
    next = (await eventStore.readAll({ after: position, maxCount: 1 })).events;
  } catch (error) {
    if (!isEventStoreFailure(error, 'invalid-event')) throw error;
  }
  const since = next[0]?.recordedAt ?? stored?.updatedAt;
  return since ? Math.max(0, (Date.now() - since.getTime()) / 1000) : 0;
};
