import type { Parking } from '../../ports/parking.js';
import type { Projection } from '../../ports/projection.js';
import {
  RowsNotComparable,
  ServedRowsMoved,
  type LeftOutEvents,
  type RowDifference,
  type ServedRows,
} from '../../ports/verification.js';
import { knownProjection } from '../live/engine.js';
import { replay } from '../rebuild/replay.js';
import { parallel } from '../rebuild/parallel.js';
import { Throttle } from '../rebuild/throttle.js';
import { ScratchRebuild, type ScratchDependencies } from './scratchRebuild.js';

/** What verification needs to know and to use. */
export interface VerifierDependencies extends Omit<ScratchDependencies, 'signal'> {
  readonly projections: readonly Projection[];
  readonly parking: Pick<Parking, 'blames'>;
  readonly pageSize?: number;
}

/** How it is done. */
export interface VerifyOptions {
  readonly signal: AbortSignal;
  /** How many events may be read a second, at most. */
  readonly eventsPerSecond?: number | undefined;
  /** Told how many events were read, and how many the log has up to where it is read. */
  readonly onProgress?: (events: bigint, of: bigint) => void;
}

/** What is found: each row that differs, and at the end of each read model what came of it. */
export type Finding =
  | { readonly name: string; readonly difference: RowDifference }
  | { readonly name: string; readonly verdict: Verdict };

/** What came of comparing one read model. */
export type Verdict =
  | {
      readonly outcome: 'compared';
      readonly served: ServedRows;
      /** How many rows are served, by table. */
      readonly rows: ReadonlyMap<string, bigint>;
      readonly counts: DifferenceCounts;
      readonly leftOut: LeftOutEvents;
    }
  | { readonly outcome: 'not-compared'; readonly reason: string };

/** How many rows differ in which way. */
export type DifferenceCounts = Readonly<Record<RowDifference['kind'], number>>;

/** Holds read models against what their events make of them. */
export interface Verifier {
  /** The names of all read models. */
  readonly names: readonly string[];
  /**
   * Makes read models anew beside those that are served, from one read of the log, and compares them row by row,
   * each at exactly one position, while the service goes on. Nothing is left of it, however it ends.
   * @throws {UnknownProjection}
   */
  verify(names: readonly string[], options: VerifyOptions): AsyncGenerator<Finding, void>;
}

/** What was moved under the comparison is compared anew so often in all. */
const ROUNDS = 2;

export const createVerifier = (dependencies: VerifierDependencies): Verifier => {
  const { projections, scratch } = dependencies;
  const names = projections.map(({ name }) => name);
  return {
    names,
    verify: async function* (wanted, options) {
      let left = wanted.map((name) => knownProjection(projections, name));
      await scratch.dropLeftOvers();
      for (let round = 1; left.length > 0; round += 1) {
        const moved: Projection[] = [];
        for await (const outcome of compareOnce(left, dependencies, options)) {
          if (!('moved' in outcome)) yield outcome;
          else if (round < ROUNDS) moved.push(outcome.projection);
          else yield notCompared(outcome.projection, `${outcome.moved}: try again`);
        }
        left = moved;
      }
    },
  };
};

const notCompared = ({ name }: Projection, reason: string): Finding => ({
  name,
  verdict: { outcome: 'not-compared', reason },
});

type Outcome = Finding | { readonly projection: Projection; readonly moved: string };

/** From one read of the log. */
async function* compareOnce(
  projections: readonly Projection[],
  dependencies: VerifierDependencies,
  options: VerifyOptions,
): AsyncGenerator<Outcome, void> {
  const { eventStore, pageSize, scratch, parking } = dependencies;
  const { signal } = options;
  const open = new Set<ScratchRebuild>();
  const failures = new Map<ScratchRebuild, string>();
  /** Lets rebuilds work side by side; one that cannot go on for a reason of its own is left behind. */
  const each = (
    rebuilds: readonly ScratchRebuild[],
    work: (rebuild: ScratchRebuild) => Promise<void>,
  ): Promise<void> =>
    parallel(rebuilds, signal, async (rebuild) => {
      try {
        await work(rebuild);
      } catch (error) {
        if (signal.aborted || !parking.blames(error)) throw error;
        failures.set(rebuild, messageOf(error));
      }
    });

  try {
    for (const projection of projections) {
      signal.throwIfAborted();
      const served = await scratch.served(projection.name);
      const reason = cannotBeCompared(projection, served);
      if (served && reason === undefined) {
        open.add(await ScratchRebuild.open(projection, served, { ...dependencies, signal }));
      } else yield notCompared(projection, reason ?? '');
    }
    const throttle = new Throttle();
    throttle.limit = options.eventsPerSecond;
    const target = [...open].map((rebuild) => rebuild.target).reduce((a, b) => (a > b ? a : b), 0n);
    const [of = 0n] = await eventStore.ordinalsAt([target]);
    let read = 0n;
    await replay([...open], {
      ...{ eventStore, pageSize, signal, throttle, each },
      isThere: (rebuild) => !failures.has(rebuild),
      onRead: (events) => {
        read += BigInt(events);
        options.onProgress?.(read < of ? read : of, of);
      },
    });
    for (const rebuild of [...open]) {
      const failure = failures.get(rebuild);
      if (failure === undefined) yield* compared(rebuild, dependencies, signal);
      else yield notCompared(rebuild.projection, `it cannot be rebuilt: ${failure}`);
      open.delete(rebuild);
      await rebuild.close();
    }
  } catch (error) {
    // A statement that was ended for that says so in words of its own.
    signal.throwIfAborted();
    throw error;
  } finally {
    await Promise.all([...open].map((rebuild) => rebuild.close()));
  }
}

const cannotBeCompared = (
  { version }: Projection,
  served: ServedRows | undefined,
): string | undefined => {
  if (!served) return 'it is not made yet';
  if (served.version === version) return undefined;
  return `version ${served.version} is served, and this is Reellog with version ${version}`;
};

async function* compared(
  rebuild: ScratchRebuild,
  { parking }: VerifierDependencies,
  signal: AbortSignal,
): AsyncGenerator<Outcome, void> {
  const { projection } = rebuild;
  const { name } = projection;
  let moment;
  try {
    moment = await rebuild.catchUp();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ServedRowsMoved) yield { projection, moved: error.message };
    else if (error instanceof RowsNotComparable) yield notCompared(projection, error.message);
    else if (!parking.blames(error)) throw error;
    else yield notCompared(projection, `it cannot be rebuilt: ${messageOf(error)}`);
    return;
  }
  try {
    const { served, leftOut } = moment;
    const rows = await moment.countRows();
    const counts = { missing: 0, surplus: 0, differs: 0 };
    for await (const difference of moment.differences()) {
      signal.throwIfAborted();
      counts[difference.kind] += 1;
      yield { name, difference: withoutPersonal(difference, projection.personal) };
    }
    yield { name, verdict: { outcome: 'compared', served, rows, counts, leftOut } };
  } finally {
    await moment.close();
  }
}

/** The row and its columns without what people wrote. */
const withoutPersonal = (
  difference: RowDifference,
  personal: readonly string[] = [],
): RowDifference => ({
  ...difference,
  columns: difference.columns.map((one) =>
    personal.includes(one.column)
      ? { ...one, served: hidden(one.served), rebuilt: hidden(one.rebuilt) }
      : one,
  ),
});

const hidden = (value: unknown): string | null => (value === null ? null : '(personal)');

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
