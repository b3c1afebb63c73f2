import { expect } from 'chai';
import fc from 'fast-check';
import type { ViewingContext } from '../../../src/domain/viewing/commands.js';
import type { PlaySource, ViewingEvent, WatchedWhen } from '../../../src/domain/viewing/events.js';
import { viewingsOf } from '../../../src/domain/viewing/plays/plays.js';
import { evolve, initialViewing, type ViewingState } from '../../../src/domain/viewing/state.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { stepsWith } from '../../support/deciders/deciderSteps.js';
import { specificationOf } from '../../support/deciders/deciderSpecification.js';
import { commandsOf } from '../../support/histories/viewingCommands.js';
import { atInstant, onDate, snapshotOf, viewingOf } from '../../support/histories/viewingEvents.js';

const { given } = specificationOf(viewingDecider);
const stepsOf = stepsWith(viewingDecider);

const ada = viewingOf('Ada', 'Heat');
const at = (time: string): WatchedWhen => atInstant(`2026-02-01T${time}:00.000Z`);
/** 117 minutes, as The Shining is cut in Europe. */
const title = snapshotOf({ title: 'Heat', runtimeMinutes: 117 });
const named = (play: string, changes: Partial<ViewingContext> = {}) =>
  commandsOf('Ada', 'Heat', { playId: ada.play(play), title, ...changes });

type When = { readonly at: string } | { readonly date: string };
type Report = readonly [PlaySource, When];
const on = (time: string): When => ({ at: `2026-02-01T${time}:00Z` });
const day = (date = '2026-02-01'): When => ({ date });

/** Records the reports, each under a name of its own, whatever the order. */
const afterAll = (reports: readonly Report[], order: readonly number[]): ViewingState => {
  const commands = order.flatMap((nth) => {
    const [source, watched] = reports[nth] ?? [];
    return source && watched ? [named(`${nth}`).record({ source, watched, force: true })] : [];
  });
  return stepsOf(commands).at(-1)?.after ?? initialViewing;
};

/** The plays that count, by when they were, and what is linked to each. */
const countedIn = ({ plays }: ViewingState): readonly (readonly [WatchedWhen, number])[] =>
  viewingsOf(
    [...plays.values()].map(({ removedAt, ...play }) => ({
      ...play,
      removed: removedAt !== undefined,
    })),
  )
    .map(([counted, ...others]) => [counted.watched, others.length] as const)
    .sort(([a], [b]) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const ordersOf = (count: number): readonly (readonly number[])[] =>
  count === 0
    ? [[]]
    : ordersOf(count - 1).flatMap((order) =>
        Array.from({ length: count }, (_, place) => [
          ...order.slice(0, place),
          count - 1,
          ...order.slice(place),
        ]),
      );

describe('Reports of one viewing', () => {
  const cases: readonly {
    readonly what: string;
    readonly reports: readonly Report[];
    readonly counted: readonly (readonly [WatchedWhen, number])[];
  }[] = [
    {
      what: 'a chain of automatic reports, each within the running time of the next',
      reports: [
        ['webhook', on('20:00')],
        ['webhook', on('20:01')],
        ['playback', on('21:50')],
        ['webhook', on('22:10')],
      ],
      counted: [[at('20:00'), 3]],
    },
    {
      what: 'reports on both sides of what the person recorded',
      reports: [
        ['webhook', on('18:10')],
        ['manual', on('20:00')],
        ['playback', on('21:50')],
      ],
      counted: [[at('20:00'), 2]],
    },
    {
      what: 'a report near to two watches of the person',
      reports: [
        ['manual', on('20:00')],
        ['manual', on('22:30')],
        ['webhook', on('21:50')],
      ],
      counted: [
        [at('20:00'), 0],
        [at('22:30'), 1],
      ],
    },
    {
      what: 'a day that the person knows, and reports of that day',
      reports: [
        ['manual', day()],
        ['webhook', on('20:00')],
        ['playback', on('21:50')],
      ],
      counted: [[onDate('2026-02-01'), 2]],
    },
    {
      what: 'a day that the person knows, and two viewings that were reported on it',
      reports: [
        ['manual', day()],
        ['webhook', on('10:00')],
        ['webhook', on('20:00')],
      ],
      counted: [
        [onDate('2026-02-01'), 1],
        [at('20:00'), 0],
      ],
    },
    {
      what: 'a day that the person knows, and a diary that was imported',
      reports: [
        ['manual', day()],
        ['import', day()],
      ],
      counted: [[onDate('2026-02-01'), 1]],
    },
    {
      what: 'two days that the person knows, and a report on each, one of them past midnight',
      reports: [
        ['manual', day('2026-02-01')],
        ['manual', day('2026-02-02')],
        ['webhook', on('23:30')],
        ['webhook', { at: '2026-02-02T00:30:00Z' }],
        ['webhook', { at: '2026-02-02T20:00:00Z' }],
      ],
      counted: [
        [onDate('2026-02-01'), 2],
        [onDate('2026-02-02'), 1],
      ],
    },
    {
      what: 'another day that the person knows',
      reports: [
        ['manual', day('2026-01-31')],
        ['webhook', on('20:00')],
      ],
      counted: [
        [onDate('2026-01-31'), 0],
        [at('20:00'), 0],
      ],
    },
  ];
  for (const { what, reports, counted } of cases) {
    it(`count the same in every order: ${what}`, () => {
      const expected = [...counted].sort(([a], [b]) =>
        JSON.stringify(a) < JSON.stringify(b) ? -1 : 1,
      );
      for (const order of ordersOf(reports.length)) {
        expect(countedIn(afterAll(reports, order)), order.join()).to.deep.equal(expected);
      }
    });
  }

  it('count the same in every order, whatever they are', () => {
    const report = fc.tuple(
      fc.constantFrom<PlaySource>('manual', 'webhook', 'playback', 'import'),
      fc.oneof(
        fc.integer({ min: 0, max: 40 }).map((quarters) => ({
          at: new Date(Date.UTC(2026, 1, 1, 18, quarters * 15)).toISOString(),
        })),
        fc.constantFrom(day('2026-02-01'), day('2026-02-02')),
      ),
    );
    fc.assert(
      fc.property(
        // An import knows its own rows by when they were.
        fc
          .uniqueArray(report, {
            maxLength: 7,
            selector: ([source, when]) => `${source === 'import'} ${JSON.stringify(when)}`,
          })
          .chain((reports) =>
            fc.tuple(
              fc.constant(reports),
              fc.shuffledSubarray(
                reports.map((_, nth) => nth),
                { minLength: reports.length },
              ),
            ),
          ),
        ([reports, order]) => {
          const inOrder = afterAll(
            reports,
            reports.map((_, nth) => nth),
          );
          expect(countedIn(afterAll(reports, order)).map(([when]) => when)).to.deep.equal(
            countedIn(inOrder).map(([when]) => when),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('A report that was linked to a watch of the person', () => {
  const manual = ada.watched(at('20:00'));
  const webhook = ada.watched(at('20:05'), { play: 'second', source: 'webhook' });
  const linked = [manual, webhook, ada.linked('second')];
  const { amend, remove } = named('third');

  it('counts again when the watch is moved to another day', () => {
    given(...linked)
      .when(amend({ watched: { date: '2026-01-20' } }))
      .then(ada.amended(onDate('2026-01-20')), ada.unlinked('second'));
  });

  it('counts again when the watch is removed, and no longer when that is restored', () => {
    given(...linked)
      .when(remove())
      .then(ada.removed('first', named('third').context.now), ada.unlinked('second'));
    given(...linked, ada.removed('first', '2026-02-05T00:00:00.000Z'), ada.unlinked('second'))
      .when(named('third').restore())
      .then(ada.linked('second'), ada.restored());
  });

  it('can be parted from it without changing its time, and stays so', () => {
    const parted: readonly ViewingEvent[] = [...linked, ada.unlinked('second', true)];
    given(...linked)
      .when(amend({ duplicateOf: null }, 'second'))
      .then(ada.unlinked('second', true));
    given(...parted)
      .when(amend({ duplicateOf: null }, 'second'))
      .thenNothing();
    given(...parted)
      .when(amend({ note: 'Twice in a row' }, 'second'))
      .then(ada.noted('Twice in a row', 'second'));
    // Another report is one of the viewing that it was parted from.
    given(...parted)
      .when(named('third').record({ watched: on('20:06'), source: 'playback' }))
      .then(
        ada.watched(at('20:06'), {
          play: 'third',
          source: 'playback',
          snapshot: { runtimeMinutes: 117 },
        }),
        ada.linked('third'),
      );
  });

  it('can be parted from another report, which counts as before', () => {
    const reports = [
      ada.watched(at('20:00'), { source: 'webhook' }),
      ada.watched(at('20:05'), { play: 'second', source: 'playback' }),
      ada.linked('second'),
    ];
    given(...reports)
      .when(amend({ duplicateOf: null }, 'second'))
      .then(ada.unlinked('second', true));
    given(...reports)
      .when(amend({ duplicateOf: null }))
      .then(ada.unlinked('first', true), ada.unlinked('second'));
  });

  it('counts although an older log parted it with a note, or without any change', () => {
    const data = { userId: ada.userId, titleId: ada.titleId, kind: ada.kind };
    const amended: ViewingEvent = {
      type: 'WatchAmended',
      data: { ...data, playId: ada.play('second'), note: 'late', duplicateOf: null },
    };
    const state = [...linked, ada.amended(onDate('2026-01-20')), amended].reduce(
      evolve,
      initialViewing,
    );
    expect(countedIn(state)).to.have.lengthOf(2);
  });
});
