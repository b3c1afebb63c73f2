import { expect } from 'chai';
import type { ViewingEvent } from '../../../src/domain/viewing/events.js';
import { evolve, initialViewing } from '../../../src/domain/viewing/state.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { specificationOf } from '../../support/deciders/deciderSpecification.js';
import { commandsOf } from '../../support/histories/viewingCommands.js';
import {
  atInstant,
  playIdOf,
  snapshotOf,
  sometime,
  viewingOf,
} from '../../support/histories/viewingEvents.js';

const { given } = specificationOf(viewingDecider);

/** One film under two ids. */
const old = viewingOf('Ada', 'tt0113277');
const film = viewingOf('Ada', 'Heat');
const moveId = playIdOf('move');
const told = '2026-01-01T00:00:00.000Z';
const evening = atInstant('2026-02-05T20:00:00.000Z');
const later = atInstant('2026-02-05T20:01:00.000Z');

const { context } = commandsOf('Ada', 'Heat', { title: snapshotOf({ title: 'Heat' }) });
const move = {
  type: 'MoveViewing',
  data: { movieId: old.titleId, into: film.titleId, moveId },
  context: { ...context, titleId: old.titleId },
} as const;
const adopt = (...past: readonly ViewingEvent[]) =>
  ({
    type: 'AdoptViewing',
    data: {
      ...{ movieId: film.titleId, from: old.titleId, moveId },
      past: past.map((event) => ({ event, recordedAt: told })),
    },
    context,
  }) as const;
const moved: ViewingEvent = {
  type: 'ViewingMoved',
  data: { userId: old.userId, titleId: old.titleId, kind: 'movie', movedTo: film.titleId, moveId },
};
const adopted: ViewingEvent = {
  type: 'ViewingAdopted',
  data: {
    userId: film.userId,
    titleId: film.titleId,
    kind: 'movie',
    movedFrom: old.titleId,
    moveId,
  },
};
const dated = ['TitleRated', 'ReviewWritten', 'FavoriteAdded', 'WatchlistAdded'];

/** As it is told once more. */
const here = (event: ViewingEvent): ViewingEvent =>
  ({
    type: event.type,
    data: {
      ...event.data,
      titleId: film.titleId,
      ...(event.type === 'MovieWatched' ? { firstRecordedAt: told } : {}),
      ...(dated.includes(event.type) ? { at: told } : {}),
    },
  }) as ViewingEvent;

describe('A title that turns out to be another', () => {
  it('leaves nothing under its id, and says where it went', () => {
    const history = [old.watched(evening), old.rated(8), old.liked(), old.wished()];
    given(...history)
      .when(move)
      .then(moved);
    expect([...history, moved].reduce(evolve, initialViewing)).to.deep.equal({
      ...initialViewing,
      movedTo: film.titleId,
    });
  });

  it('moves once', () => {
    given(old.watched(evening), moved).when(move).thenNothing();
  });

  it('is told once more under the film, with its plays as they were', () => {
    const past = [
      ...[old.wished(), old.watched(evening), old.watched(sometime, { play: 'second' })],
      ...[old.amended(later), old.removed('second'), old.rated(8), old.reviewed('Slow.')],
      ...[old.liked(), old.marked('on_hold')],
    ];
    given()
      .when(adopt(...past))
      .then(adopted, ...past.map(here));
  });

  it('arrives once', () => {
    given(adopted, here(old.watched(evening)))
      .when(adopt(old.watched(evening)))
      .thenNothing();
  });

  it('leaves alone what the person said of the film under its own id', () => {
    given(
      film.rated(7),
      film.reviewed('Good.'),
      film.liked(),
      film.wished(),
      film.marked('dropped'),
    )
      .when(
        adopt(
          ...[old.rated(8), old.reviewed('Slow.'), old.unreviewed(), old.liked(), old.unliked()],
          ...[old.wished(), old.unwished(), old.marked('on_hold')],
        ),
      )
      .then(adopted);
  });

  it('does not bring a play that the film has already', () => {
    const watched = film.watched(evening);
    const same = { ...watched, data: { ...watched.data, titleId: old.titleId } };
    given(watched).when(adopt(same)).then(adopted);
  });

  it('counts a viewing once that was reported under both ids', () => {
    const report = old.watched(later, { source: 'webhook', play: 'report' });
    const events = given(film.watched(evening)).when(adopt(report)).thenEvents();
    expect(events.at(-1)).to.deep.equal({
      type: 'WatchLinkedAsDuplicate',
      data: {
        ...{ userId: film.userId, titleId: film.titleId, kind: 'movie' },
        ...{ playId: old.play('report'), duplicateOf: film.play() },
      },
    });
  });

  it('can come back: its own id may be the film in the end', () => {
    const again = playIdOf('back');
    const returned = {
      type: 'AdoptViewing',
      data: { movieId: old.titleId, from: film.titleId, moveId: again, past: [] },
      context: { ...context, titleId: old.titleId },
    } as const;
    const events = given(old.watched(evening), moved).when(returned).thenEvents();
    expect([old.watched(evening), moved, ...events].reduce(evolve, initialViewing)).to.deep.equal({
      ...initialViewing,
      adopted: new Set([again]),
    });
  });

  it('does not arrive at an id from which the film was moved on', () => {
    const elsewhere = viewingOf('Ada', 'Another');
    given({
      ...moved,
      data: { ...moved.data, titleId: film.titleId, movedTo: elsewhere.titleId },
    })
      .when(adopt(old.watched(evening)))
      .thenRejected('conflict', 'viewing-moved');
  });
});
