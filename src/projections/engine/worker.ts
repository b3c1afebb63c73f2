import { setTimeout as sleep } from 'node:timers/promises';
import type {
  EventPlace,
  EventStore,
  LogBatch,
  RecordedEvent,
} from '../../commands/ports/eventStore.js';
import type { EngineLog } from '../ports/engineLog.js';
import { unobserved, type EngineObserver } from '../ports/engineObserver.js';
import type {
  InvalidationKey,
  ProjectedEvent,
  Projection,
  ProjectionTransaction,
} from '../ports/projection.js';
import {
  CheckpointMoved,
  OutdatedRows,
  type Checkpoint,
  type Lead,
  type ReadModelStore,
} from '../ports/readModelStore.js';
import { PoisonGuard, type GuardedWorker, type PoisonHandling } from './poisonGuard.js';
import { untilNextTry } from './retry.js';
import type { WorkerState } from './workerState.js';

/** Told what a read model has reached, and the keys whose answers changed on the way. */
export type Reached = (position: bigint, keys: readonly InvalidationKey[]) => void;

/** How often a standby asks for the lead. */
const STANDBY_MS = 500;
/**
 * A checkpoint that moved only over events the read model does not want is written this often: bounds how long
 * other processes wait to hear that it has reached a position.
 */
const IDLE_CHECKPOINT_MS = 250;

/** Runs one projection: takes its lead, brings it up to date, then follows with the others. */
export class ProjectionWorker {
  readonly projection: Projection;
  #status: WorkerState = { state: 'starting' };
  #checkpoint: Checkpoint | undefined;
  /** Seen, but not written because nothing in between concerned this read model. */
  #seen = 0n;
  #writtenAt = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #applied = 0;
  /** What moves the checkpoint goes one after the other: batches, idle writes, the end. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #types: ReadonlySet<string>;
  readonly #store: ReadModelStore;
  readonly #log: EngineLog;
  readonly #observer: EngineObserver;
  readonly #guard: PoisonGuard;
  readonly #pageSize: number;
  readonly #serves: (schema: string) => void;
  readonly #reached: Reached;

  constructor(
    projection: Projection,
    dependencies: {
      readonly store: ReadModelStore;
      readonly log: EngineLog;
      readonly observer?: EngineObserver;
      /** Default: whatever cannot be projected is tried for ever. */
      readonly poison?: PoisonHandling;
      readonly pageSize: number;
      readonly serves: (schema: string) => void;
      readonly reached: Reached;
    },
  ) {
    this.projection = projection;
    this.#types = new Set(projection.handles);
    this.#store = dependencies.store;
    this.#log = dependencies.log;
    this.#observer = dependencies.observer ?? unobserved;
    this.#guard = new PoisonGuard(projection, dependencies.poison);
    this.#pageSize = dependencies.pageSize;
    this.#serves = dependencies.serves;
    this.#reached = dependencies.reached;
  }

  get status(): WorkerState {
    return this.#status;
  }

  /** The last position whose events are in the rows, or were of no concern. */
  get position(): bigint {
    return this.#seen;
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
        const lead = await this.#lead(signal);
        if (!lead) break;
        const mine = AbortSignal.any([signal, lead.lost]);
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
          await this.#handOver(lead);
        }
      } catch (error) {
        if (error instanceof CheckpointMoved) continue;
        if (error instanceof OutdatedRows) {
          await this.#waitForBuild(error.served, signal);
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
    return this.#inTurn(async () => {
      try {
        await this.#apply(batch);
      } catch (error) {
        // What waits behind it would be applied without it: it finds no checkpoint to move.
        this.#checkpoint = undefined;
        throw error;
      }
    });
  }

  async #apply(batch: LogBatch): Promise<void> {
    const checkpoint = this.#checkpoint;
    if (!checkpoint || batch.position <= this.#seen) return;
    if (batch.after > this.#seen) {
      throw new Error(`events between ${this.#seen} and ${batch.after} were not given`);
    }
    const events = batch.events.filter(this.#concerns);
    let keys: readonly InvalidationKey[] = [];
    if (events.length === 0) {
      this.#seen = batch.position;
      await this.#writeIdle();
    } else {
      const work = () =>
        this.#store.advance(checkpoint, batch.position, async (tx) => {
          keys = [...(await this.#guard.watch(() => this.projection.project(events, tx)))];
          return keys;
        });
      const { name } = this.projection;
      this.#checkpoint = await this.#observer.batch({ projection: name, events }, work);
      this.#seen = batch.position;
      this.#writtenAt = performance.now();
      this.#applied += events.length;
      this.#guard.applied();
    }
    this.#reached(this.#seen, keys);
  }

  /** Whether an event is new to the read model, of a type that it handles, and not to be left out. */
  wants(event: EventPlace): boolean {
    const isNew = event.position > this.#seen && this.#types.has(event.type);
    return isNew && !this.#guard.isLeftOut(event);
  }

  /** The log's door checked the data. */
  readonly #concerns = (event: RecordedEvent): event is RecordedEvent & ProjectedEvent =>
    this.wants(event);

  /** What the guard needs of this worker while it leads. */
  #guarded(signal: AbortSignal): GuardedWorker {
    return {
      ...{ pageSize: this.#pageSize, position: this.#seen },
      wants: (event) => this.wants(event),
      apply: (events, to) =>
        this.#inTurn(() =>
          this.#apply({ events, after: this.#seen, position: to, caughtUp: false }),
        ),
      pass: (to, work) =>
        this.#inTurn(async () => {
          await this.#move(to, work);
          this.#seen = to;
          this.#reached(to, []);
        }),
      failed: (error, attempts) => this.#failed(error, attempts, signal),
      parked: (event, err) => {
        this.#status = { state: 'catching-up' };
        this.#log.error(
          { err, projection: this.projection.name, event },
          'an event could not be projected: parked, and the read model goes on without it',
        );
      },
    };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** After the batch in hand: whatever comes too late finds no checkpoint to move. */
  async #handOver(lead: Lead): Promise<void> {
    await this.#inTurn(async () => {
      await this.#flush().catch(() => undefined);
      this.#checkpoint = undefined;
    });
    // The session that held it may have ended, and the lead with it.
    await lead.release().catch(() => undefined);
  }

  async #lead(signal: AbortSignal) {
    for (;;) {
      const lead = await this.#store.tryLead(this.projection.name);
      if (lead || signal.aborted) return lead;
      this.#status = { state: 'standby' };
      await sleep(STANDBY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Rows of another version are shown as they are; nobody here knows how to go on with them. */
  async #waitForBuild(served: Checkpoint, signal: AbortSignal): Promise<void> {
    this.#status = { state: 'outdated' };
    this.#seen = served.position;
    this.#serves(served.schema);
    this.#reached(served.position, []);
    await sleep(STANDBY_MS, undefined, { signal }).catch(() => undefined);
  }

  async #prepare(): Promise<void> {
    this.#status = { state: 'catching-up' };
    const checkpoint = await this.#store.prepare(this.projection);
    this.#checkpoint = checkpoint;
    this.#seen = checkpoint.position;
    await this.#guard.begin(checkpoint.position);
    this.#serves(checkpoint.schema);
    this.#reached(this.#seen, []);
  }

  async #catchUp(eventStore: EventStore, signal: AbortSignal, progressed: () => void) {
    const batches = eventStore.subscribeToAll({
      after: this.#seen,
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
    await this.#inTurn(() => this.#flush());
  }

  /** Writes how far the log was seen without events of concern: now and then, and surely in the end. */
  async #writeIdle(): Promise<void> {
    const wait = this.#writtenAt + IDLE_CHECKPOINT_MS - performance.now();
    if (wait <= 0) {
      await this.#flush();
      return;
    }
    this.#idleTimer ??= setTimeout(() => {
      this.#idleTimer = undefined;
      // A checkpoint that has moved, or a database that is away, shows with the next batch.
      this.#inTurn(() => this.#flush()).catch(() => undefined);
    }, wait);
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    if (this.#checkpoint?.position !== this.#seen)
      await this.#move(this.#seen, () => Promise.resolve());
  }

  /** Moves the checkpoint over events that are not applied. */
  async #move(to: bigint, work: (tx: ProjectionTransaction) => Promise<void>): Promise<void> {
    if (!this.#checkpoint) return;
    this.#writtenAt = performance.now();
    this.#checkpoint = await this.#store.advance(this.#checkpoint, to, async (tx) => {
      await work(tx);
      return [];
    });
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
    await untilNextTry(attempts, signal);
  }
}
