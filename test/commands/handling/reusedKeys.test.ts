import { expect } from 'chai';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { Actor, CommandName, CommandOutcome } from '../../../src/commands/command.js';
import { libraryDecider } from '../../../src/domain/library/library.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { describeOnBothLogs } from '../../support/run/bothLogs.js';
import { isOnEventStoreDb } from '../../support/postgres/eventLog.js';
import { eventually } from '../../support/run/eventually.js';
import {
  openTwoProcesses,
  type CommandProcess,
  type TwoProcesses,
} from '../../support/service/commandProcess.js';

/** A command as its sender knows it; films and people by their number. */
type Given = { readonly person: number; readonly film: number } & (
  | { readonly name: 'RateMovie'; readonly rating: number; readonly review?: string }
  | { readonly name: 'RecordWatchEvent'; readonly date: string; readonly rating?: number }
  | { readonly name: 'AddToFavorites' | 'RemoveFromFavorites' | 'AddToWatchlist' }
  | { readonly name: 'CreateLibrary'; readonly title: string }
);

type Step =
  | {
      readonly act: 'give';
      readonly key: number;
      /** Whether each of those who give it at once does so elsewhere. */
      readonly elsewhere: readonly boolean[];
      readonly to: Given;
    }
  /** `forget-receipts` ran. */
  | { readonly act: 'forget' }
  /** The process died between the append and the receipt. */
  | { readonly act: 'lose answers' };

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const where = { person: fc.nat(1), film: fc.nat(1) };
const rating = fc.constantFrom(3, 7);

const given: fc.Arbitrary<Given> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({ ...where, rating, review: some(fc.constantFrom('Slow.', 'He dies.')) })
      .map(({ review, ...rest }): Given => ({
        ...{ name: 'RateMovie', ...rest },
        ...(review === undefined ? {} : { review }),
      })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ ...where, date: fc.constantFrom('2020-01-01', '2020-01-02'), rating: some(rating) })
      .map(({ rating: value, ...rest }): Given => ({
        ...{ name: 'RecordWatchEvent', ...rest },
        ...(value === undefined ? {} : { rating: value }),
      })),
  },
  fc
    .record({
      ...where,
      name: fc.constantFrom('AddToFavorites', 'RemoveFromFavorites', 'AddToWatchlist'),
    })
    .map((command): Given => command),
  fc
    .record({ ...where, title: fc.constantFrom('Attic', 'Cellar') })
    .map((command): Given => ({ name: 'CreateLibrary', ...command })),
);

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .record({
          key: fc.nat(1),
          elsewhere: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
          to: given,
        })
        .map((step): Step => ({ act: 'give', ...step })),
    },
    { weight: 2, arbitrary: fc.constant<Step>({ act: 'forget' }) },
    fc.constant<Step>({ act: 'lose answers' }),
  ),
  { minLength: 3, maxLength: 16 },
);

describeOnBothLogs('Keys that are used again, whatever for and whenever,', () => {
  let both: TwoProcesses;
  let films: readonly string[];

  before(async () => {
    both = await openTwoProcesses();
    films = [
      (await both.here.run('ImportMovie', { title: 'Ran' })).id,
      (await both.here.run('ImportMovie', { title: 'Kagemusha' })).id,
    ];
  });
  after(() => both.close());

  it('repeat the first answer to the same command, and never swallow another', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const person = personOf(both, films);
        for (const step of all) await person.does(step);
      }),
      // Of the log it asks that an append sent again is answered as the first: the contract asks that of both.
      { numRuns: isOnEventStoreDb ? 25 : 60 },
    );
  });
});

/** Somebody's requests, with what must come of them. */
const personOf = ({ here, elsewhere }: TwoProcesses, films: readonly string[]) => {
  const people: readonly Actor[] = [0, 1].map(() => ({ userId: randomUUID(), role: 'owner' }));
  const userIds = people.map(({ userId }) => userId);
  /** What each key stands for while its receipt is there. */
  const receipts = new Map<string, string>();
  /** What was appended under a key: its answer stands for good. */
  const done = new Map<string, CommandOutcome>();
  /** Of what appended nothing the receipt alone tells. */
  const answered = new Map<string, CommandOutcome>();

  /** Of what anybody appended; where the log is mirrored, what another process appended is seen a little later. */
  let newest = 0n;
  const headPosition = async (): Promise<bigint> => {
    let head = 0n;
    await eventually('what was appended elsewhere is seen here', async () => {
      head = await here.eventStore.headPosition();
      return head >= newest;
    });
    return head;
  };

  const commandOf = (to: Given) => {
    const { person: _, film, ...rest } = to;
    const movieId = films[film] ?? '';
    switch (rest.name) {
      case 'RateMovie': {
        const { name, ...data } = rest;
        return { name, data: { movieId, ...data } } as const;
      }
      case 'RecordWatchEvent': {
        const { name, date, ...data } = rest;
        return { name, data: { movieId, watched: { date }, force: true, ...data } } as const;
      }
      case 'CreateLibrary':
        return { name: rest.name, data: { name: rest.title, kind: 'movies' } } as const;
      default:
        return { name: rest.name, data: { movieId } } as const;
    }
  };

  const give = async ({ key, elsewhere: others, to }: Extract<Step, { act: 'give' }>) => {
    const processes = others.map((other): CommandProcess => (other ? elsewhere : here));
    const actor = people[to.person] ?? { userId: '', role: 'member' };
    const idempotencyKey = `key-${key}`;
    const command = commandOf(to);
    const told = { actor, idempotencyKey };
    const at = `${actor.userId} ${idempotencyKey}`;
    const same = `${at} ${JSON.stringify(command)}`;
    const before = await headPosition();
    const kept = receipts.get(at);
    if (kept !== undefined && kept !== same) {
      for (const process of processes) {
        const failure = await process.refused<CommandName>(command.name, command.data, told);
        expect(failure).to.include({ kind: 'idempotency-key-reused' });
      }
      expect(await headPosition()).to.equal(before);
      return;
    }
    const outcomes = await Promise.all(
      processes.map((process) => process.run<CommandName>(command.name, command.data, told)),
    );
    const [outcome = await here.run<CommandName>(command.name, command.data, told)] = outcomes;
    for (const each of outcomes) expect(each).to.deep.equal(outcome);
    if (outcome.position !== undefined && outcome.position > newest) newest = outcome.position;
    const first = done.get(same) ?? (kept === same ? answered.get(same) : undefined);
    if (first) {
      expect(outcome).to.deep.equal(first);
      expect(await headPosition()).to.equal(before);
    } else {
      await expectRecorded(outcome, to);
    }
    receipts.set(at, same);
    answered.set(same, outcome);
    if (outcome.appended > 0) done.set(same, outcome);
  };

  /** A command that was never given before is in the log, or was the case already. */
  const expectRecorded = async (outcome: CommandOutcome, to: Given): Promise<void> => {
    const { events } = await here.eventStore.readStream(outcome.stream);
    expect(events.at(-1)?.revision).to.equal(outcome.revision);
    if (outcome.appended > 0) expect(events.at(-1)?.position).to.equal(outcome.position);
    const state = events.reduce(
      (folded, event) => viewingDecider.evolve(folded, event as never),
      viewingDecider.initialState,
    );
    switch (to.name) {
      case 'RateMovie':
        expect(state.rating).to.equal(to.rating);
        return;
      case 'RecordWatchEvent':
        expect(outcome).to.include({ created: true });
        expect(state.plays.get(outcome.id)?.reported).to.include({ localDate: to.date });
        return;
      case 'AddToFavorites':
      case 'RemoveFromFavorites':
        expect(state.favorite).to.equal(to.name === 'AddToFavorites');
        return;
      case 'AddToWatchlist':
        expect(state.wish).not.to.equal('none');
        return;
      case 'CreateLibrary': {
        const library = events.reduce(
          (folded, event) => libraryDecider.evolve(folded, event as never),
          libraryDecider.initialState,
        );
        expect(outcome).to.include({ appended: 1, created: true });
        expect(library).to.include({ name: to.title });
        return;
      }
      default:
        to satisfies never;
    }
  };

  const inReceipts = (text: string) => here.database.query({ text, values: [userIds] });
  return {
    does: async (step: Step): Promise<void> => {
      switch (step.act) {
        case 'give':
          await give(step);
          return;
        case 'forget':
          await inReceipts('delete from command_receipts where user_id = any($1)');
          receipts.clear();
          return;
        case 'lose answers':
          await inReceipts('update command_receipts set outcome = null where user_id = any($1)');
          answered.clear();
          return;
        default:
          step satisfies never;
      }
    },
  };
};
