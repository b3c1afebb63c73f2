import { expect } from 'chai';
import type { ViewingContext } from '../../../src/domain/viewing/commands.js';
import type { WatchedWhen } from '../../../src/domain/viewing/events.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { commandErrorsOf, specificationOf } from '../../support/deciders/deciderSpecification.js';
import { commandsOf } from '../../support/histories/viewingCommands.js';
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
const adaWith = (changes: Partial<ViewingContext>) => commandsOf('Ada', 'Heat', changes);
const { context, record } = commandsOf('Ada', 'Heat');

const at = (time: string): WatchedWhen => atInstant(`2026-02-01T${time}.000Z`);
const told = (time: string) => ({ watched: { at: `2026-02-01T${time}Z` } });
/** The play that commands record is called so. */
const play = 'second';

describe('Recording a watch', () => {
  it('keeps what the numbers need to know of the film as it is today', () => {
    const title = snapshotOf({
      title: 'Heat',
      runtimeMinutes: 170,
      genres: ['Crime', 'Drama'],
      releaseYear: 1995,
      releaseDate: '1995-12-15',
      voteAverage: 7.9,
      countries: ['US'],
      originalLanguage: 'en',
      directors: ['Michael Mann'],
      studios: ['Regency Enterprises'],
      actors: ['Al Pacino', 'Robert De Niro'],
    });
    given()
      .when(adaWith({ title }).record(told('20:00:00')))
      .then(ada.watched(at('20:00:00'), { play, snapshot: title }));
  });

  it('takes a note of several lines, however its lines end', () => {
    given()
      .when(record({ note: 'With Bob\r\nand Eve' }))
      .then(ada.watched(sometime, { play: 'second', note: 'With Bob\nand Eve' }));
  });

  it('keeps where it was watched, how, and what the person notes', () => {
    const how = {
      source: 'playback',
      externalId: 'session 7',
      device: 'Living room',
      client: 'Kodi',
      playMethod: 'DirectPlay',
      note: 'With Bob',
    } as const;
    const watched = ada.watched(at('20:00:00'), { play });
    given()
      .when(record({ ...told('20:00:00'), ...how }))
      .then({ ...watched, data: { ...watched.data, ...how } });
  });

  it('of a film that the catalogue does not know loses nothing: its metadata are pending', () => {
    const { title: _, ...unknown } = context;
    const watched = ada.watched(sometime, {
      play,
      snapshot: { title: '?', runtimeMinutes: 90, runtimeEstimated: true },
    });
    given()
      .when({ type: 'RecordWatchEvent', data: { tmdbId: 949 }, context: unknown })
      .then({
        ...watched,
        data: { ...watched.data, metadataPending: true, externalIds: { tmdbId: 949 } },
      });
  });

  it('refers to the film, never to a file, a library or a list', () => {
    for (const field of ['libraryId', 'path', 'listItemId']) {
      const command = record({ ...told('20:00:00'), [field]: ada.play() });
      expect(commandErrorsOf(command), field).to.have.lengthOf(1);
    }
  });

  it('rates the film along, in the same append', () => {
    given()
      .when(record({ rating: 8.5, source: 'import' }))
      .then(ada.watched(sometime, { play, source: 'import' }), ada.rated(8.5, 'import'));
    given(ada.rated(7))
      .when(record({ rating: 0 }))
      .then(ada.watched(sometime, { play }), ada.rated(0));
  });

  it('does not rate it again as it is rated', () => {
    given(ada.rated(8))
      .when(record({ rating: 8 }))
      .then(ada.watched(sometime, { play }));
  });

  it('leaves rating, review and favourite of a film watched again alone', () => {
    given(ada.watched(sometime), ada.rated(8), ada.reviewed('Slow.'), ada.liked())
      .when(record(told('20:00:00')))
      .then(ada.watched(at('20:00:00'), { play }));
  });
});

describe('The same watch told again by a person', () => {
  const first = ada.watched(at('20:00:00'));

  it('is refused at the very same instant, naming the watch that is there', () => {
    const rejection = given(first)
      .when(record(told('20:00:00')))
      .thenRejected('already-exists', 'watch-exists');
    expect(rejection).to.include({ existingId: ada.play() });
    given(ada.watched(at('20:00:00'), { source: 'webhook' }))
      .when(record(told('20:00:00')))
      .thenRejected('already-exists', 'watch-exists');
  });

  it('at the very same instant is a second watch if they insist', () => {
    given(first)
      .when(record({ ...told('20:00:00'), force: true }))
      .then(ada.watched(at('20:00:00'), { play }));
  });

  it('at the instant of a removed watch is a new one', () => {
    given(first, ada.removed())
      .when(record(told('20:00:00')))
      .then(ada.watched(at('20:00:00'), { play }));
  });

  it('is never dropped for being close to another', () => {
    given(first)
      .when(record(told('20:00:01')))
      .then(ada.watched(at('20:00:01'), { play }));
    given(ada.watched(at('20:00:00'), { source: 'webhook' }))
      .when(record(told('20:05:00')))
      .then(ada.linked('first', play), ada.watched(at('20:05:00'), { play }));
  });

  it('on the same day is refused, naming the watch that is there, unless they insist', () => {
    const again = { watched: { date: '2026-02-01' } };
    for (const day of [onDate('2026-02-01'), onRelease('2026-02-01')]) {
      const rejection = given(ada.watched(day))
        .when(record(again))
        .thenRejected('already-exists', 'watch-exists');
      expect(rejection).to.include({ existingId: ada.play() });
    }
    given(ada.watched(onDate('2026-02-01')))
      .when(record({ ...again, force: true }))
      .then(ada.watched(onDate('2026-02-01'), { play }));
    given(ada.watched(onDate('2026-02-01')), ada.removed())
      .when(record(again))
      .then(ada.watched(onDate('2026-02-01'), { play }));
  });

  it('as now within ten seconds is a double click, and refused unless they insist', () => {
    const watchedNow = (now: string, data: { readonly force?: true } = {}) =>
      adaWith({ now: `2026-02-01T${now}.000Z` }).record({ watched: 'now', ...data });
    for (const [before, after] of [
      ['20:00:00', '20:00:10'],
      // Two processes may take them in the other order.
      ['20:00:01', '20:00:00'],
    ] as const) {
      const rejection = given(ada.watched(at(before)))
        .when(watchedNow(after))
        .thenRejected('already-exists', 'watch-exists');
      expect(rejection).to.include({ existingId: ada.play() });
    }
    given(first)
      .when(watchedNow('20:00:11'))
      .then(ada.watched(at('20:00:11'), { play }));
    given(first)
      .when(watchedNow('20:00:05', { force: true }))
      .then(ada.watched(at('20:00:05'), { play }));
    given(first, ada.removed())
      .when(watchedNow('20:00:05'))
      .then(ada.watched(at('20:00:05'), { play }));
  });

  it('at an unknown time is a watch of its own', () => {
    given(ada.watched(sometime)).when(record()).then(ada.watched(sometime, { play }));
  });
});

describe('A watch recorded again under its id', () => {
  const again = adaWith({ playId: ada.play() });
  const withId = { playId: ada.play() };
  const first = ada.watched(at('20:00:00'));

  it('changes nothing', () => {
    given(first)
      .when(again.record({ ...withId, ...told('20:00:00') }))
      .thenNothing();
    given(ada.watched(sometime)).when(again.record(withId)).thenNothing();
  });

  it('changes nothing although it was told as now, which is later now', () => {
    given(first)
      .when(again.record({ ...withId, watched: 'now' }))
      .thenNothing();
    given(first)
      .when(again.record({ ...withId, justWatched: true }))
      .thenNothing();
  });

  it('changes nothing although it was told as on the release, which is another day now', () => {
    const title = snapshotOf({ title: 'Heat', releaseDate: '1995-12-16' });
    given(ada.watched(onRelease('1995-12-15')))
      .when(adaWith({ playId: ada.play(), title }).record({ ...withId, watched: 'released' }))
      .thenNothing();
  });

  it('changes nothing after it was amended', () => {
    given(first, ada.amended(at('21:00:00')))
      .when(again.record({ ...withId, ...told('20:00:00') }))
      .thenNothing();
  });

  it('is refused after it was removed, saying so', () => {
    for (const watched of [told('20:00:00').watched, 'now' as const]) {
      const rejection = given(first, ada.removed())
        .when(again.record({ ...withId, watched }))
        .thenRejected('already-exists', 'watch-removed');
      expect(rejection).to.include({ existingId: ada.play() });
      expect(rejection.message).to.include('restore');
    }
  });

  it('leaves alone how the film has been rated since', () => {
    given(first, ada.rated(8), ada.rated(9))
      .when(again.record({ ...withId, ...told('20:00:00'), rating: 8 }))
      .thenNothing();
    given(first, ada.rated(8), ada.unrated())
      .when(again.record({ ...withId, ...told('20:00:00'), rating: 8 }))
      .thenNothing();
  });

  it('as of another time is refused: an id stands for one watch', () => {
    for (const other of [told('20:00:01'), { watched: { date: '2026-02-01' } }, {}]) {
      const rejection = given(first)
        .when(again.record({ ...withId, ...other }))
        .thenRejected('already-exists', 'watch-exists');
      expect(rejection).to.include({ existingId: ada.play() });
    }
  });
});
