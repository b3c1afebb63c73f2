import { expect } from 'chai';
import type { ViewingContext } from '../../../src/domain/viewing/commands.js';
import type { ViewingEvent, WatchedWhen } from '../../../src/domain/viewing/events.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { specificationOf } from '../../support/deciders/deciderSpecification.js';
import { commandsOf } from '../../support/histories/viewingCommands.js';
import {
  atInstant,
  onDate,
  snapshotOf,
  sometime,
  viewingOf,
} from '../../support/histories/viewingEvents.js';

const { given } = specificationOf(viewingDecider);

const ada = viewingOf('Ada', 'Heat');
const at = (time: string): WatchedWhen => atInstant(`2026-02-01T${time}.000Z`);
const told = (time: string) => ({ watched: { at: `2026-02-01T${time}Z` } });

/** A film of so many minutes. */
const lasting = (runtimeMinutes: number): Partial<ViewingContext> => ({
  title: snapshotOf({ title: 'Heat', runtimeMinutes }),
});
const reportedAs = (name: string, changes: Partial<ViewingContext> = {}) =>
  commandsOf('Ada', 'Heat', { playId: ada.play(name), ...changes });
const { record } = reportedAs('second');

describe('A watch that automatic sources report', () => {
  const first = ada.watched(at('20:00:00'), { source: 'webhook' });
  const reported = (when: WatchedWhen, runtimeMinutes = 100): readonly ViewingEvent[] => [
    ada.watched(when, { play: 'second', source: 'playback', snapshot: { runtimeMinutes } }),
  ];

  it('is linked to another within the film’s running time, before or after it', () => {
    given(first)
      .when(record({ ...told('21:40:00'), source: 'playback' }))
      .then(...reported(at('21:40:00')), ada.linked('second'));
    // The earliest counts.
    given(first)
      .when(record({ ...told('18:20:00'), source: 'playback' }))
      .then(ada.linked('first', 'second'), ...reported(at('18:20:00')));
    for (const time of ['21:40:01', '18:19:59']) {
      given(first)
        .when(record({ ...told(time), source: 'playback' }))
        .then(...reported(at(time)));
    }
  });

  it('is linked to another within ten minutes, however short the film is', () => {
    const short = reportedAs('second', lasting(2));
    given(first)
      .when(short.record({ ...told('20:10:00'), source: 'playback' }))
      .then(...reported(at('20:10:00'), 2), ada.linked('second'));
    given(first)
      .when(short.record({ ...told('20:10:01'), source: 'playback' }))
      .then(...reported(at('20:10:01'), 2));
  });

  it('is linked to what the person recorded', () => {
    given(ada.watched(at('20:00:00')))
      .when(record({ ...told('21:00:00'), source: 'playback' }))
      .then(...reported(at('21:00:00')), ada.linked('second'));
  });

  it('is not linked to a removed watch', () => {
    given(first, ada.removed())
      .when(record({ ...told('20:00:00'), source: 'playback' }))
      .then(...reported(at('20:00:00')));
  });

  it('is not linked to where a watch was before it was amended', () => {
    given(first, ada.amended(at('10:00:00')))
      .when(record({ ...told('20:00:00'), source: 'playback' }))
      .then(...reported(at('20:00:00')));
  });

  it('is not linked where one of the two knows no moment', () => {
    given(ada.watched(onDate('2026-01-31')), ada.watched(sometime, { play: 'third' }))
      .when(record({ ...told('20:00:00'), source: 'playback' }))
      .then(...reported(at('20:00:00')));
    given(first)
      .when(record({ watched: { date: '2026-02-01' }, source: 'playback' }))
      .then(...reported(onDate('2026-02-01')));
  });

  it('is linked to the report that stands in for a removed one', () => {
    const second = [
      ada.watched(at('20:30:00'), { play: 'second', source: 'playback' }),
      ada.linked('second'),
    ];
    const third = reportedAs('third').record({ ...told('20:40:00'), source: 'webhook' });
    const watched = ada.watched(at('20:40:00'), { play: 'third', source: 'webhook' });
    given(first, ...second)
      .when(third)
      .then(watched, ada.linked('third'));
    given(first, ...second, ada.removed())
      .when(third)
      .then(watched, ada.linked('third', 'second'), ada.unlinked('second'));
  });

  it('may bring a rating, linked or not', () => {
    given(first)
      .when(record({ ...told('20:30:00'), source: 'playback', rating: 8 }))
      .then(...reported(at('20:30:00')), ada.linked('second'), {
        type: 'TitleRated',
        data: {
          ...{ userId: ada.userId, titleId: ada.titleId, kind: ada.kind },
          rating: 8,
          name: { title: 'Heat' },
          source: 'playback',
        },
      });
  });

  it('fulfils no wish to see the film again when it tells of the viewing before the wish', () => {
    given(first, ada.wished())
      .when(record({ ...told('20:30:00'), source: 'playback' }))
      .then(...reported(at('20:30:00')), ada.linked('second'));
    const wishesDropped = reportedAs('second', { removeWatchedFromWatchlist: true });
    given(first, ada.wished())
      .when(wishesDropped.record({ ...told('20:30:00'), source: 'playback' }))
      .then(...reported(at('20:30:00')), ada.linked('second'));
  });
});

describe('Amending a watch that was linked to another', () => {
  const linked = [
    ada.watched(at('20:00:00'), { source: 'webhook' }),
    ada.watched(at('20:30:00'), { play: 'second', source: 'playback' }),
    ada.linked('second'),
  ];
  const amendedTo = (watched: WatchedWhen): ViewingEvent => ada.amended(watched, 'second');
  const { amend } = reportedAs('second');

  it('makes it a viewing of its own where it is too far from that one, or on another day', () => {
    given(...linked)
      .when(amend(told('23:00:00'), 'second'))
      .then(amendedTo(at('23:00:00')), ada.unlinked('second'));
    given(...linked)
      .when(amend({ watched: { date: '2026-01-31' } }, 'second'))
      .then(amendedTo(onDate('2026-01-31')), ada.unlinked('second'));
  });

  it('leaves it linked where both may still be one viewing', () => {
    for (const [watched, when] of [
      [told('20:45:00').watched, at('20:45:00')],
      [{ date: '2026-02-01' }, onDate('2026-02-01')],
      ['unknown', sometime],
    ] as const) {
      given(...linked)
        .when(amend({ watched }, 'second'))
        .then(amendedTo(when));
    }
  });

  it('leaves it linked where its zone alone or its note is changed', () => {
    given(...linked)
      .when(amend({ timezone: 'Asia/Tokyo' }, 'second'))
      .then(amendedTo(atInstant('2026-02-01T20:30:00.000Z', 'Asia/Tokyo')));
    given(...linked)
      .when(amend({ note: 'late' }, 'second'))
      .then(ada.noted('late', 'second'));
  });

  it('leaves what was linked to it to the one that it was linked to', () => {
    const third = ada.watched(at('21:00:00'), { play: 'third', source: 'webhook' });
    given(...linked, ada.removed(), third, ada.linked('third', 'second'), ada.restored())
      .when(amend({ watched: { date: '2026-01-31' } }, 'second'))
      .then(amendedTo(onDate('2026-01-31')), ada.linked('third'), ada.unlinked('second'));
  });
});

describe('An import that is run again', () => {
  const imported = (when: WatchedWhen, externalId?: string) =>
    ada.watched(when, { source: 'import', ...(externalId === undefined ? {} : { externalId }) });

  it('knows a watch by the id it has where it came from', () => {
    given(imported(at('20:00:00'), 'diary 1'))
      .when(record({ ...told('20:00:00'), source: 'import', externalId: 'diary 1' }))
      .thenNothing();
  });

  it('knows it by that id although it was moved there since', () => {
    given(imported(at('20:00:00'), 'diary 1'))
      .when(record({ ...told('10:00:00'), source: 'import', externalId: 'diary 1' }))
      .thenNothing();
  });

  it('knows a watch without an id by when it was, to the second', () => {
    given(imported(at('20:00:00')))
      .when(record({ watched: { at: '2026-02-01T20:00:00.999Z' }, source: 'import' }))
      .thenNothing();
    given(imported(onDate('2026-02-01')))
      .when(record({ watched: { date: '2026-02-01' }, source: 'import' }))
      .thenNothing();
    given(imported(sometime))
      .when(record({ source: 'import' }))
      .thenNothing();
  });

  it('adds a watch at another second, or under another id', () => {
    given(imported(at('20:00:00')))
      .when(record({ ...told('23:00:00'), source: 'import' }))
      .then(ada.watched(at('23:00:00'), { play: 'second', source: 'import' }));
    const externalId = 'diary 2';
    given(imported(onDate('2026-02-01'), 'diary 1'))
      .when(record({ watched: { date: '2026-02-01' }, source: 'import', externalId }))
      .then(ada.watched(onDate('2026-02-01'), { play: 'second', source: 'import', externalId }));
  });

  it('adds a watch without an id beside one of the same day that has one', () => {
    given(imported(onDate('2026-02-01'), 'diary 1'))
      .when(record({ watched: { date: '2026-02-01' }, source: 'import' }))
      .then(ada.watched(onDate('2026-02-01'), { play: 'second', source: 'import' }));
  });

  it('does not bring back what was removed', () => {
    for (const externalId of [undefined, 'diary 1']) {
      given(imported(at('20:00:00'), externalId), ada.removed())
        .when(
          record({
            ...told('20:00:00'),
            source: 'import',
            ...(externalId === undefined ? {} : { externalId }),
          }),
        )
        .thenNothing();
    }
  });

  it('does not add again what was amended: it is known by what was told first', () => {
    given(imported(at('20:00:00')), ada.amended(at('10:00:00')))
      .when(record({ ...told('20:00:00'), source: 'import' }))
      .thenNothing();
    given(imported(sometime), ada.amended(onDate('2026-02-01')))
      .when(record({ source: 'import' }))
      .thenNothing();
  });

  it('does not rate again what was rated otherwise since', () => {
    const history = [imported(at('20:00:00'), 'diary 1'), ada.rated(8, 'import'), ada.rated(9)];
    given(...history)
      .when(record({ ...told('20:00:00'), source: 'import', externalId: 'diary 1', rating: 8 }))
      .thenNothing();
  });

  it('of another source is no repetition, but a second report', () => {
    given(ada.watched(at('20:00:00'), { source: 'webhook', externalId: 'diary 1' }))
      .when(record({ ...told('20:00:00'), source: 'import', externalId: 'diary 1' }))
      .then(
        ada.watched(at('20:00:00'), { play: 'second', source: 'import', externalId: 'diary 1' }),
        ada.linked('second'),
      );
  });

  it('under an id that a play has already changes nothing', () => {
    const decided = given(imported(at('20:00:00'), 'diary 1'))
      .when(
        reportedAs('first').record({
          ...told('10:00:00'),
          source: 'import',
          externalId: 'diary 1',
        }),
      )
      .thenEvents();
    expect(decided).to.deep.equal([]);
  });
});
