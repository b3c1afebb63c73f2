import { expect } from 'chai';
import type { WatchedValue, ViewingContext } from '../../../src/domain/viewing/commands.js';
import type { WatchedWhen } from '../../../src/domain/viewing/events.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { commandErrorsOf, specificationOf } from '../../support/deciders/deciderSpecification.js';
import { NOW, commandsOf } from '../../support/histories/viewingCommands.js';
import {
  atInstant,
  onDate,
  onRelease,
  snapshotOf,
  sometime,
  viewingOf,
} from '../../support/histories/viewingEvents.js';

const { given } = specificationOf(viewingDecider);

const ada = viewingOf('Ada', 'Heat');
const adaIn = (zone: string, changes: Partial<ViewingContext> = {}) =>
  commandsOf('Ada', 'Heat', { zone, playId: ada.play(), ...changes });
const { record } = adaIn('UTC');

/** Recorded as watched so, by somebody who lives in UTC. */
const recordedAs = (watched: WatchedValue, when: WatchedWhen): void => {
  given().when(record({ watched })).then(ada.watched(when));
};

describe('A watch is recorded as of', () => {
  it('now', () => {
    recordedAs('now', atInstant(NOW));
    given()
      .when(record({ justWatched: true }))
      .then(ada.watched(atInstant(NOW)));
  });

  it('a moment, to the millisecond in UTC, whatever offset it was told in', () => {
    recordedAs({ at: '2026-02-06T20:30:00.5+05:30' }, atInstant('2026-02-06T15:00:00.500Z'));
  });

  it('a day alone, which is never midnight in UTC', () => {
    recordedAs({ date: '2026-02-01' }, onDate('2026-02-01'));
    given()
      .when(adaIn('America/Los_Angeles').record({ watched: { date: '2026-02-01' } }))
      .then(ada.watched(onDate('2026-02-01', 'America/Los_Angeles')));
  });

  it('a moment of the evening before, where the person’s day ends later than midnight', () => {
    const night = '2026-02-06T01:30:00.000Z';
    const late = adaIn('UTC', { dayEndsAt: '04:00' });
    given()
      .when(late.record({ watched: { at: night } }))
      .then(ada.watched({ ...atInstant(night), localDate: '2026-02-05' } as WatchedWhen));
    given()
      .when(late.record({ watched: { at: '2026-02-06T04:00:00Z' } }))
      .then(ada.watched(atInstant('2026-02-06T04:00:00.000Z')));
    given()
      .when(late.record({ watched: { date: '2026-02-06' } }))
      .then(ada.watched(onDate('2026-02-06')));
  });

  it('an unknown time, which is what it is when nothing is told', () => {
    recordedAs('unknown', sometime);
    given().when(record()).then(ada.watched(sometime));
    given()
      .when(record({ justWatched: false }))
      .then(ada.watched(sometime));
  });

  it('the day the film was released, marked as taken from there', () => {
    const title = snapshotOf({ title: 'Heat', releaseDate: '1995-12-15' });
    given()
      .when(adaIn('UTC', { title }).record({ watched: 'released' }))
      .then(ada.watched(onRelease('1995-12-15'), { snapshot: title }));
  });

  it('the release, only if that is known', () => {
    given()
      .when(record({ watched: 'released' }))
      .thenRejected('invalid', 'release-date-unknown');
    const { title: _, ...unknown } = adaIn('UTC').context;
    given()
      .when({ type: 'RecordWatchEvent', data: { watched: 'released' }, context: unknown })
      .thenRejected('invalid', 'release-date-unknown');
  });

  it('one time: "watched" and "justWatched" together are refused', () => {
    const rejection = given()
      .when(record({ watched: 'now', justWatched: true }))
      .thenRejected('invalid', 'watched-twice-told');
    expect(rejection).to.include({ field: 'justWatched' });
  });
});

describe('The local date of a watch', () => {
  const late = { watched: { at: '2026-02-06T03:26:00Z' } } as const;
  const inNewYork = atInstant('2026-02-06T03:26:00.000Z', 'America/New_York');

  it('is that of the person’s zone', () => {
    expect(inNewYork).to.include({ localDate: '2026-02-05' });
    given().when(adaIn('America/New_York').record(late)).then(ada.watched(inNewYork));
  });

  it('is that of the zone told along, before the person’s own', () => {
    given()
      .when(adaIn('Asia/Tokyo').record({ ...late, timezone: 'America/New_York' }))
      .then(ada.watched(inNewYork));
    given()
      .when(adaIn('Asia/Tokyo').record({ timezone: 'America/New_York' }))
      .then(ada.watched({ precision: 'unknown', zone: 'America/New_York' }));
  });

  it('needs a zone that there is', () => {
    for (const timezone of ['Mars/Olympus_Mons', '+02:00', 'PST', '']) {
      expect(commandErrorsOf(record({ timezone })), timezone).to.have.lengthOf(1);
    }
  });
});

describe('A watch in the future', () => {
  it('is refused beyond the five minutes that a client’s clock may be ahead', () => {
    recordedAs({ at: '2026-02-06T20:05:00.000Z' }, atInstant('2026-02-06T20:05:00.000Z'));
    const rejection = given()
      .when(record({ watched: { at: '2026-02-06T20:05:00.001Z' } }))
      .thenRejected('invalid', 'watched-in-future');
    expect(rejection).to.include({ field: 'watched.at' });
  });

  it('begins with tomorrow in the person’s zone', () => {
    const tomorrow = { watched: { date: '2026-02-07' } } as const;
    expect(given().when(record(tomorrow)).thenRejected('invalid', 'watched-in-future')).to.include({
      field: 'watched.date',
    });
    // It is 05:00 on the 7th there.
    given()
      .when(adaIn('Asia/Tokyo').record(tomorrow))
      .then(ada.watched(onDate('2026-02-07', 'Asia/Tokyo')));
    given()
      .when(adaIn('UTC', { now: '2026-02-06T23:55:00.000Z' }).record(tomorrow))
      .then(ada.watched(onDate('2026-02-07')));
  });

  it('is what the release of a film is that is not out yet', () => {
    const title = snapshotOf({ title: 'Heat', releaseDate: '2026-12-15' });
    given()
      .when(adaIn('UTC', { title }).record({ watched: 'released' }))
      .thenRejected('invalid', 'watched-in-future');
  });
});

describe('A watch before there were films', () => {
  it('is refused: the oldest that survives is of 1888', () => {
    recordedAs({ at: '1888-01-01T00:00:00.000Z' }, atInstant('1888-01-01T00:00:00.000Z'));
    recordedAs({ date: '1888-01-01' }, onDate('1888-01-01'));
    for (const watched of [{ at: '1887-12-31T23:59:59.999Z' }, { date: '1887-12-31' }]) {
      given().when(record({ watched })).thenRejected('invalid', 'watched-too-early');
    }
  });
});

describe('A watch before its film came out', () => {
  it('is recorded: festivals and previews show films early', () => {
    const title = snapshotOf({ title: 'Heat', releaseDate: '2026-12-15', releaseYear: 2026 });
    given()
      .when(adaIn('UTC', { title }).record({ watched: 'now' }))
      .then(ada.watched(atInstant(NOW), { snapshot: title }));
  });
});

describe('A moment that no clock shows', () => {
  it('is not taken, nor one of a year that has not four digits', () => {
    for (const at of ['2026-02-30T10:00:00Z', '0000-01-01T00:00:00+01:00']) {
      const errors = commandErrorsOf(record({ watched: { at } }));
      expect(errors).to.deep.equal(['RecordWatchEvent.watched.at is not a time that exists']);
    }
  });
});
