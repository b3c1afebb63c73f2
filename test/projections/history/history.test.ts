import { history } from '../../../src/projections/history/history.js';
import { givenEvents } from '../../support/readModels/projectionSpecification.js';
import { atInstant, onDate, sometime, viewingOf } from '../../support/histories/viewingEvents.js';

const alien = viewingOf('Ada', 'Alien');

const ROWS = `
  select name ->> 'title' as title, local_date, moment, note, rewatch_number,
         removed_at is not null as removed, duplicate_of
  from history.plays order by title, rewatch_number nulls last, play_id`;

const row = {
  title: 'Alien',
  local_date: '2026-02-06',
  moment: new Date('2026-02-06T17:00:00.000Z'),
  note: null,
  rewatch_number: 1,
  removed: false,
  duplicate_of: null,
};

describe('The history', () => {
  it('keeps a watch with its day and where it stands in time; a day alone stands at its noon', () =>
    givenEvents(
      history,
      alien.watched(onDate('2026-02-06', 'America/New_York'), { note: 'Again!' }),
    ).expectRows(ROWS, [{ ...row, note: 'Again!' }]));

  it('numbers rewatches by time, those without a date first, whatever the order of recording', () =>
    givenEvents(
      history,
      alien.watched(atInstant('2026-03-01T20:00:00.000Z'), { play: 'a', note: 'third' }),
      alien.watched(atInstant('2025-03-01T20:00:00.000Z'), { play: 'b', note: 'second' }),
      alien.watched(sometime, { play: 'c', note: 'first' }),
    ).expectRows('select note, rewatch_number from history.plays order by 2', [
      { note: 'first', rewatch_number: 1 },
      { note: 'second', rewatch_number: 2 },
      { note: 'third', rewatch_number: 3 },
    ]));

  it('renumbers when a watch is removed, and again when it is restored', async () => {
    const events = [
      alien.watched(onDate('2025-01-01'), { play: 'a', note: 'old' }),
      alien.watched(onDate('2026-01-01'), { play: 'b', note: 'new' }),
      alien.removed('a'),
    ];
    const sql = 'select note, rewatch_number from history.plays order by note desc';
    await givenEvents(history, ...events).expectRows(sql, [
      { note: 'old', rewatch_number: null },
      { note: 'new', rewatch_number: 1 },
    ]);
    await givenEvents(history, ...events, alien.restored('a')).expectRows(sql, [
      { note: 'old', rewatch_number: 1 },
      { note: 'new', rewatch_number: 2 },
    ]);
  });

  it('changes what was amended and nothing else', () =>
    givenEvents(
      history,
      alien.watched(sometime, { note: 'When was it?' }),
      alien.amended(onDate('2026-02-06', 'America/New_York')),
      alien.noted(null),
    ).expectRows(ROWS, [row]));

  it('keeps a second report of a viewing without a number, until the first is removed', async () => {
    const events = [
      alien.watched(atInstant('2026-02-06T17:00:00.000Z')),
      alien.watched(atInstant('2026-02-06T17:01:00.000Z'), { play: 'second', source: 'webhook' }),
      alien.linked('second'),
    ];
    const sql = `select duplicate_of, rewatch_number from history.plays
                 order by duplicate_of nulls first`;
    await givenEvents(history, ...events).expectRows(sql, [
      { duplicate_of: null, rewatch_number: 1 },
      { duplicate_of: alien.play(), rewatch_number: null },
    ]);
    await givenEvents(history, ...events, alien.removed()).expectRows(sql, [
      { duplicate_of: null, rewatch_number: null },
      { duplicate_of: alien.play(), rewatch_number: 1 },
    ]);
  });

  it('keeps both watches when a client gives one id to plays of two films', () => {
    const heat = viewingOf('Ada', 'Heat').watched(sometime);
    return givenEvents(history, alien.watched(onDate('2026-02-06', 'America/New_York')), {
      ...heat,
      data: { ...heat.data, playId: alien.play() },
    }).expectRows(ROWS, [row, { ...row, title: 'Heat', local_date: null, moment: null }]);
  });
});
