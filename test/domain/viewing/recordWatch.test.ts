import { expect } from 'chai';
import type { ViewingContext } from '../../../src/domain/viewing/commands.js';
import type { ViewingEvent, WatchedWhen } from '../../../src/domain/viewing/events.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { commandErrorsOf, specificationOf } from '../../support/deciderSpecification.js';
import { commandsOf } from '../../support/viewingCommands.js';
import {
  atInstant,
  onRelease,
  snapshotOf,
  sometime,
  viewingOf,
} from '../../support/viewingEvents.js';

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
      .then({ ...watched, data: { ...watched.data, metadataPending: true } });
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
      .then(ada.watched(at('20:05:00'), { play }));
  });

  it('on the same day, or at an unknown time, is a watch of its own', () => {
    const day: WatchedWhen = { precision: 'date', zone: 'UTC', localDate: '2026-02-01' };
    given(ada.watched(day))
      .when(record({ watched: { date: '2026-02-01' } }))
      .then(ada.watched(day, { play }));
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

  it('changes nothing after it was amended or removed', () => {
    const histories: readonly (readonly ViewingEvent[])[] = [
      [first, ada.amended(at('21:00:00'))],
      [first, ada.removed()],
    ];
    for (const history of histories) {
      given(...history)
        .when(again.record({ ...withId, ...told('20:00:00') }))
        .thenNothing();
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
