import type {
  EventPlace,
  EventStore,
  LogBatch,
  RecordedEvent,
} from '../../../commands/ports/eventStore.js';
import { createBackOff, pause } from '../../../commands/ports/waiting.js';
import type { EngineLog } from '../../ports/engineLog.js';
import { unobserved, type EngineObserver } from '../../ports/engineObserver.js';
import type { InvalidationKey, ProjectedEvent, Projection } from '../../ports/projection.js';
import {
  CheckpointMoved,
  OutdatedRows,
  type Checkpoint,
  type Lease,
  type ReadModelStore,
} from '../../ports/readModelStore.js';
import { PoisonGuard, type GuardedWorker, type PoisonHandling } from '../parking/poisonGuard.js';
import { pastOf, type PastReader } from '../past.js';
import { WorkerPlace } from './workerPlace.js';
import type { WorkerState } from './workerState.js';

/** Told what a read model has reached, and the keys whose answers changed on the way. */
export type Reached = (position: bigint, keys: readonly InvalidationKey[]) => void;

const NONE: ReadonlySet<string> = new Set();

/** How often a standby asks for the lease. */
const STANDBY_MS = 500;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

/** Runs one projection: takes its lease, brings it up to date, then follows with the others. */
export class ProjectionWorker {
  readonly projection: Projection;
  #status: WorkerState = { state: 'starting' };
  #applied = 0;
  readonly #place: WorkerPlace;
  readonly #types: ReadonlySet<string>;
  readonly #store: ReadModelStore;
  readonly #log: EngineLog;
  readonly #observer: EngineObserver;
  readonly #guard: PoisonGuard;
  readonly #pageSize: number;
  readonly #pastBefore: PastReader;
  readonly #serves: (schema: string) => void;
  readonly #reached: Reached;
  readonly #backOff = createBackOff(FIRST_RETRY_MS, LAST_RETRY_MS);

  constructor(
    projection: Projection,
    dependencies: {
      readonly store: ReadModelStore;
      readonly log: EngineLog;
      readonly observer?: EngineObserver;
      /** Default: whatever cannot be projected is tried for ever. */
      readonly poison?: PoisonHandling;
      readonly pageSize: number;
      readonly pastBefore: PastReader;
      readonly serves: (schema: string) => void;
      readonly reached: Reached;
    },
  ) {
    this.projection = projection;
    this.#types = new Set(projection.handles);
    this.#store = dependencies.store;
    this.#place = new WorkerPlace(dependencies.store);
    this.#log = dependencies.log;
    this.#observer = dependencies.observer ?? unobserved;
    this.#guard = new PoisonGuard(projection, dependencies.poison);
    this.#pageSize = dependencies.pageSize;
    this.#pastBefore = dependencies.pastBefore;
    this.#serves = dependencies.serves;
    this.#reached = dependencies.reached;
  }

  get status(): WorkerState {
    return this.#status;
  }

  /** The last position whose events are in the rows, or were of no concern. */
  get position(): bigint {
    return this.#place.seen;
  }

  /** Events applied since the start. */
  get applied(): number {
    return this.#applied;
  }

  /**
   * Leads, catches up, then hands over to `follow` until that ends; over and over until the signal aborts.
   * `follow` feeds batches through `apply` for as long as they can be applied.
   */
  async run(
    eventStore: EventStore,
    follow: (worker: ProjectionWorker, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        const lease = await this.#acquire(signal);
        if (!lease) break;
        const mine = AbortSignal.any([signal, lease.lost]);
        try {
          await this.#prepare();
          const gotPast = await this.#guard.getPast(this.#guarded(mine), eventStore, mine);
          if (gotPast) failures = 0;
          await this.#catchUp(eventStore, mine, () => {
            failures = 0;
          });
          if (!mine.aborted) {
            this.#status = { state: 'live' };
            await follow(this, mine);
          }
        } finally {
          await this.#handOver(lease);
        }
      } catch (error) {
        if (error instanceof CheckpointMoved) continue;
        if (error instanceof OutdatedRows) {
          await this.#waitForRebuild(error.served, signal);
          continue;
        }
        failures += 1;
        this.#guard.failed(error, failures);
        await this.#failed(error, failures, signal);
      }
    }
    this.#status = { state: 'stopped' };
  }

  /** Resolves when the batch is in the rows; rejects when the worker must start over from the checkpoint. */
  apply(batch: LogBatch): Promise<void> {
    return this.#place.inTurn(async () => {
      try {
        await this.#apply(batch);
      } catch (error) {
        // What waits behind it would be applied without it: it finds no checkpoint to move.
        this.#place.release();
        throw error;
      }
    });
  }

  async #apply(batch: LogBatch): Promise<void> {
    const place = this.#place;
    if (!place.isHeld || batch.position <= place.seen) return;
    if (batch.after > place.seen) {
      throw new Error(`events between ${place.seen} and ${batch.after} were not given`);
    }
    const events = batch.events.filter(this.#concerns);
    let keys: readonly InvalidationKey[] = [];
    if (events.length === 0) {
      await place.see(batch.position);
    } else {
      const before = await this.#pastBefore(batch.events);
      const applied = batch.events.filter(({ position }) => position <= place.seen);
      const work = () =>
        place.advance(batch.position, async (tx, leftOut) => {
          const missing = before.size > 0 || applied.length > 0 ? await leftOut() : NONE;
          const past = pastOf(before, this.projection, missing, applied);
          keys = [...(await this.#guard.watch(() => this.projection.project(events, tx, past)))];
          return keys;
        });
      await this.#observer.batch({ projection: this.projection.name, events }, work);
      this.#applied += events.length;
      this.#guard.applied();
    }
    this.#reached(place.seen, keys);
  }

  /** Whether an event is new to the read model, of a type that it handles, and not to be left out. */
  wants(event: EventPlace): boolean {
    const isNew = event.position > this.#place.seen && this.#types.has(event.type);
    return isNew && !this.#guard.isLeftOut(event);
  }

  /** The domain event store checked the data. */
  readonly #concerns = (event: RecordedEvent): event is RecordedEvent & ProjectedEvent =>
    this.wants(event);

  /** What the guard needs of this worker while it leads. */
  #guarded(signal: AbortSignal): GuardedWorker {
    const place = this.#place;
    return {
      ...{ pageSize: this.#pageSize, position: place.seen },
      wants: (event) => this.wants(event),
      apply: (events, to) =>
        place.inTurn(() =>
          this.#apply({ events, after: place.seen, position: to, caughtUp: false }),
        ),
      pass: (to, work) =>
        place.inTurn(async () => {
          await place.advance(to, async (tx) => {
            await work(tx);
            return [];
          });
          this.#reached(place.seen, []);
        }),
      failed: (error, attempts) => this.#failed(error, attempts, signal),
      parked: ({ id, type, stream, revision, position }, err) => {
        this.#status = { state: 'catching-up' };
        this.#log.error(
          // Without its data: they may be what a person wrote.
          {
            err,
            projection: this.projection.name,
            event: { id, type, stream, revision, position },
          },
          'an event could not be projected: parked, and the read model goes on without it',
        );
      },
    };
  }

  /** After the batch in hand: whatever comes too late finds no checkpoint to move. */
  async #handOver(lease: Lease): Promise<void> {
    await this.#place.inTurn(async () => {
      await this.#place.flush().catch(() => undefined);
      this.#place.release();
    });
    // The session that held it may have ended, and the lease with it.
    await lease.release().catch(() => undefined);
  }

  async #acquire(signal: AbortSignal) {
    for (;;) {
      const lease = await this.#store.tryAcquire(this.projection.name);
      if (lease || signal.aborted) return lease;
      this.#status = { state: 'standby' };
      await pause(STANDBY_MS, signal);
    }
  }

  /** Rows of another version are shown as they are; nobody here knows how to go on with them. */
  async #waitForRebuild(served: Checkpoint, signal: AbortSignal): Promise<void> {
    this.#status = { state: 'outdated' };
    this.#place.lookOn(served.position);
    this.#serves(served.schema);
    this.#reached(served.position, []);
    await pause(STANDBY_MS, signal);
  }

  async #prepare(): Promise<void> {
    this.#status = { state: 'catching-up' };
    const checkpoint = await this.#store.prepare(this.projection);
    this.#place.hold(checkpoint);
    await this.#guard.begin(checkpoint.position);
    this.#serves(checkpoint.schema);
    this.#reached(checkpoint.position, []);
  }

  async #catchUp(eventStore: EventStore, signal: AbortSignal, progressed: () => void) {
    const batches = eventStore.subscribeToAll({
      after: this.#place.seen,
      filter: { types: this.projection.handles },
      batchSize: this.#pageSize,
      // An event that cannot even be read stops only those that want it.
      onUnreadable: (event, error) => {
        if (this.wants(event)) throw error;
      },
      signal,
    });
    for await (const batch of batches) {
      await this.apply(batch);
      progressed();
      if (batch.caughtUp) break;
    }
    await this.#place.inTurn(() => this.#place.flush());
  }

  async #failed(error: unknown, attempts: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#status = { state: 'failing', error: message, attempts };
    this.#observer.failed(this.projection.name);
    this.#log.error(
      { err: error, projection: this.projection.name, attempts },
      'a projection failed: trying again',
    );
    // Best effort: what cannot be written now is most likely what failed.
    await this.#store
      .reportFailure(this.projection.name, { error: message, attempts })
      .catch(() => undefined);
    if (attempts === 1) this.#backOff.reset();
    await this.#backOff.wait(signal);
  }
}
