import type { EventPlace, RecordedEvent } from '../../../commands/ports/eventStore.js';
import type { Poison, PoisonPolicy } from '../../ports/parking.js';

/** An event that cannot be projected has stopped its read model. */
export class NotProjected extends Error {
  override readonly name = 'NotProjected';
  constructor({ type, position, stream }: EventPlace, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${type} at position ${position} of ${stream} cannot be projected: ${why}`, { cause });
  }
}

/** An event of a page; without `event` where it cannot be read. */
export interface PageItem {
  readonly place: EventPlace;
  readonly event?: RecordedEvent;
}

/** A page that could not be applied as a whole. */
export interface SpoiltPage {
  /** In the order of the log. */
  readonly items: readonly PageItem[];
  /** The last position examined. */
  readonly position: bigint;
}

/** What is done for the isolation of an event. */
export interface IsolationSteps {
  policy(): PoisonPolicy;
  /** Applies events in one transaction, which moves the checkpoint to `to`. */
  apply(events: readonly RecordedEvent[], to: bigint): Promise<void>;
  /** Whether an event is to blame for what `apply` or `read` was rejected with. */
  isPoison(error: unknown): boolean;
  /** Reads an event that could not be read, once more. */
  read(place: EventPlace): Promise<RecordedEvent>;
  /** Tells of an attempt that failed and waits until the next is due. */
  failed(error: unknown, attempts: number): Promise<void>;
  /** Sets an event aside in the transaction that moves the checkpoint to `to`. */
  park(poison: Poison, to: bigint): Promise<void>;
}

/** How often an event is tried by itself before it is parked. */
const ATTEMPTS_ALONE = 4;

/**
 * Applies a page that failed as a whole by halves, each in a transaction of its own, so that everything but the
 * events that are to blame is in the rows; those are tried by themselves, and then parked.
 * @throws {NotProjected} where the read model is to stop at such an event: everything before it is applied
 */
export const isolate = async (
  page: SpoiltPage,
  steps: IsolationSteps,
  signal: AbortSignal,
): Promise<void> => {
  const applyHalves = async (items: readonly PageItem[], to: bigint): Promise<void> => {
    if (signal.aborted) return;
    const [only, ...others] = items;
    if (only && others.length === 0) {
      await applyAlone(only, to, steps, signal);
      return;
    }
    if (await appliedTogether(items, to, steps)) return;
    const left = items.slice(0, items.length / 2);
    await applyHalves(left, left.at(-1)?.place.position ?? to);
    await applyHalves(items.slice(left.length), to);
  };
  await applyHalves(page.items, page.position);
};

const appliedTogether = async (
  items: readonly PageItem[],
  to: bigint,
  steps: IsolationSteps,
): Promise<boolean> => {
  const events = items.flatMap(({ event }) => event ?? []);
  if (events.length < items.length) return false;
  try {
    await steps.apply(events, to);
    return true;
  } catch (error) {
    if (!steps.isPoison(error)) throw error;
    return false;
  }
};

const applyAlone = async (
  { place, event }: PageItem,
  to: bigint,
  steps: IsolationSteps,
  signal: AbortSignal,
): Promise<void> => {
  const firstFailedAt = new Date();
  for (let attempts = 1; !signal.aborted; attempts += 1) {
    try {
      await steps.apply([event ?? (await steps.read(place))], to);
      return;
    } catch (error) {
      if (!steps.isPoison(error)) throw error;
      if (steps.policy() === 'stop') throw new NotProjected(place, error);
      if (attempts >= ATTEMPTS_ALONE) {
        await steps.park({ event: place, error, attempts, firstFailedAt }, to);
        return;
      }
      await steps.failed(error, attempts);
    }
  }
};
