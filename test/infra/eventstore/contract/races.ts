import { expect } from 'chai';
import fc from 'fast-check';
import {
  EventStoreError,
  type EventStore,
  type ExpectedRevision,
} from '../../../../src/commands/ports/eventStore.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  endOf,
  follow,
  idsOf,
  newStream,
  numbered,
  readEverything,
  type ContractContext,
} from './log.js';

/** What a writer does next: appends so many events to one of the streams. */
interface Step {
  readonly stream: number;
  readonly amount: number;
}

/** One append that was tried. */
interface Attempt {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly ids: readonly string[];
  /** The stream's last revision afterwards, of an append that won. */
  readonly won?: bigint;
  /** Where the stream was instead, of one that lost. */
  readonly actual?: bigint;
}

const STREAMS = 3;

const step: fc.Arbitrary<Step> = fc.record({
  stream: fc.nat({ max: STREAMS - 1 }),
  amount: fc.integer({ min: 1, max: 4 }),
});
/** What each of several writers does, one step after the other. */
const plans = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), {
  minLength: 2,
  maxLength: 6,
});

/** Appends on what the writer believes, and after a lost race on what it was told instead. */
const write = async (
  store: EventStore,
  streams: readonly string[],
  plan: readonly Step[],
): Promise<readonly Attempt[]> => {
  const attempts: Attempt[] = [];
  const believed = new Map<string, ExpectedRevision>();
  for (const { stream: index, amount } of plan) {
    const stream = streams[index] ?? '';
    const events = numbered(amount);
    for (let done = false; !done;) {
      const expected = believed.get(stream) ?? 'no-stream';
      const attempt = { stream, expected, ids: idsOf(events) };
      try {
        const { revision } = await store.append(stream, events, { expectedRevision: expected });
        attempts.push({ ...attempt, won: revision });
        believed.set(stream, revision);
        done = true;
      } catch (error) {
        if (!(error instanceof EventStoreError)) throw error;
        if (error.failure.kind !== 'wrong-expected-revision') throw error;
        const { actual } = error.failure;
        attempts.push({ ...attempt, ...(actual === undefined ? {} : { actual }) });
        believed.set(stream, actual ?? 'no-stream');
      }
    }
  }
  return attempts;
};

const asNumber = (expected: ExpectedRevision): bigint =>
  typeof expected === 'bigint' ? expected : -1n;

/** What holds however many write to however few streams. */
export const describeRaces = ({ store, another }: ContractContext): void => {
  describe('many writers on few streams', () => {
    it('exactly one wins each race, and followers see all that was won once, in order', async () => {
      const stores = [store(), await another(), await another()];
      await fc.assert(
        fc.asyncProperty(plans, async (all) => {
          const streams = Array.from({ length: STREAMS }, () => newStream('raced'));
          const after = await endOf(stores);
          const followers = stores.map((on, nth) => follow(on, { after, batchSize: 1 + nth * 5 }));
          try {
            const attempts = (
              await Promise.all(
                all.map((plan, nth) =>
                  write(stores[nth % stores.length] ?? store(), streams, plan),
                ),
              )
            ).flat();
            const won = attempts.filter((attempt) => attempt.won !== undefined);
            for (const stream of streams) await expectOneWinnerEach(store(), stream, attempts);

            const ids = new Set(won.flatMap((attempt) => attempt.ids));
            const head = await endOf(stores);
            const log = await readEverything(store(), { after });
            expect(log, 'what was won is in the log once').to.have.length(ids.size);
            expect(new Set(idsOf(log))).to.deep.equal(ids);
            for (const follower of followers) {
              await eventually('the follower is at the end', () =>
                follower.batches.some(({ position }) => position >= head),
              );
              expect(follower.events(), 'a follower sees the log').to.deep.equal(log);
            }
          } finally {
            await Promise.all(followers.map((follower) => follower.stop()));
          }
        }),
        { numRuns: 6 },
      );
    });
  });
};

/** The appends that won stand end to end, and those that lost were told of a revision that they did not expect. */
const expectOneWinnerEach = async (
  store: EventStore,
  stream: string,
  all: readonly Attempt[],
): Promise<void> => {
  const attempts = all.filter((attempt) => attempt.stream === stream);
  const won = attempts
    .filter((attempt) => attempt.won !== undefined)
    .sort((a, b) => (asNumber(a.expected) < asNumber(b.expected) ? -1 : 1));
  let last = -1n;
  for (const attempt of won) {
    expect(asNumber(attempt.expected), 'each begins where another one ended').to.equal(last);
    last = attempt.won ?? last;
  }
  const { events, lastRevision = -1n } = await store.readStream(stream);
  expect(lastRevision).to.equal(last);
  expect(idsOf(events)).to.deep.equal(won.flatMap(({ ids }) => ids));
  for (const { expected, actual = -1n } of attempts.filter(
    ({ won: result }) => result === undefined,
  )) {
    expect(actual > asNumber(expected), 'who lost was too late').to.equal(true);
    expect(
      won.map((attempt) => attempt.won),
      'and was told where it was',
    ).to.include(actual);
  }
};
