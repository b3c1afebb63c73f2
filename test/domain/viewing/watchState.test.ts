import { expect } from 'chai';
import type { ViewingEvent } from '../../../src/domain/viewing/events.js';
import { evolve, initialViewing } from '../../../src/domain/viewing/state.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { watchState } from '../../../src/domain/viewing/watchState.js';
import { commandErrorsOf, specificationOf } from '../../support/deciderSpecification.js';
import { commandsOf } from '../../support/viewingCommands.js';
import { onDate, sometime, viewingOf } from '../../support/viewingEvents.js';

const { given } = specificationOf(viewingDecider);

const ada = viewingOf('Ada', 'Heat');
const { record, wish, unwish, set } = commandsOf('Ada', 'Heat');
const tidy = commandsOf('Ada', 'Heat', { removeWatchedFromWatchlist: true });
const first = ada.watched(onDate('2026-02-01'));
/** What commands record is called so. */
const play = 'second';

/** Where the film stands after a history. */
const stateAfter = (...history: readonly ViewingEvent[]) => {
  const { wish: wished, mark, plays } = history.reduce(evolve, initialViewing);
  const present = [...plays.values()].filter(({ removedAt }) => removedAt === undefined);
  return watchState(wished, mark, present.length);
};
const wanted = { state: 'want_to_watch' };
const watched = { state: 'watched', wantToRewatch: false };
const wantedAgain = { state: 'watched', wantToRewatch: true };

describe('A film on the watchlist', () => {
  it('is put there once, and then is one to watch', () => {
    given().when(wish()).then(ada.wished());
    given(ada.wished()).when(wish()).thenNothing();
    expect(stateAfter(ada.wished())).to.deep.equal(wanted);
  });

  it('is taken off once, and then is nothing', () => {
    given(ada.wished()).when(unwish()).then(ada.unwished());
    given().when(unwish()).thenNothing();
    given(ada.wished(), ada.unwished()).when(unwish()).thenNothing();
    expect(stateAfter(ada.wished(), ada.unwished())).to.deep.equal({ state: 'none' });
  });

  it('can be put there again after it was taken off', () => {
    given(ada.wished(), ada.unwished()).when(wish()).then(ada.wished());
  });

  it('is watched once a watch is recorded, which is not to be watched again', () => {
    expect(stateAfter(ada.wished(), first)).to.deep.equal(watched);
    expect(stateAfter(first)).to.deep.equal(watched);
  });

  it('stays on it when it is watched', () => {
    given(ada.wished()).when(record()).then(ada.watched(sometime, { play }));
    given(ada.wished(), first).when(unwish()).then(ada.unwished());
  });

  it('is taken off with its watches left alone', () => {
    expect(stateAfter(ada.wished(), first, ada.unwished())).to.deep.equal(watched);
  });

  it('is one to watch again when it is put there after it was watched', () => {
    given(first).when(wish()).then(ada.wished());
    given(ada.wished(), first).when(wish()).then(ada.wished());
    given(ada.wished(), first, ada.wished()).when(wish()).thenNothing();
    expect(stateAfter(first, ada.wished())).to.deep.equal(wantedAgain);
    expect(stateAfter(first, ada.wished(), ada.watched(sometime, { play }))).to.deep.equal(watched);
  });

  it('is one to watch when the last watch is removed, if the person had put it there', () => {
    const second = ada.watched(sometime, { play });
    expect(stateAfter(ada.wished(), first, ada.removed())).to.deep.equal(wanted);
    expect(stateAfter(first, ada.removed())).to.deep.equal({ state: 'none' });
    expect(stateAfter(ada.wished(), first, second, ada.removed())).to.deep.equal(watched);
    expect(stateAfter(ada.wished(), first, ada.removed(), ada.restored())).to.deep.equal(watched);
  });
});

describe('People who want watched films off their watchlist', () => {
  it('have them taken off with the watch', () => {
    given(ada.wished()).when(tidy.record()).then(ada.watched(sometime, { play }), ada.unwished());
    given(ada.wished(), first)
      .when(tidy.record())
      .then(ada.watched(sometime, { play }), ada.unwished());
    given().when(tidy.record()).then(ada.watched(sometime, { play }));
  });

  it('have them taken off also when they say only that they have seen it', () => {
    given(ada.wished())
      .when(tidy.set('watched', true))
      .then(ada.watched(sometime, { play }), ada.unwished());
  });
});

describe('A film that was dropped or put on hold', () => {
  for (const state of ['dropped', 'on_hold'] as const) {
    it(`is ${state} once`, () => {
      given().when(set(state)).then(ada.marked(state));
      given(ada.marked(state)).when(set(state)).thenNothing();
    });

    it(`stays ${state} whatever is watched, removed or wished`, () => {
      for (const history of [[first], [ada.wished()], [ada.wished(), first, ada.removed()]]) {
        expect(stateAfter(ada.marked(state), ...history)).to.deep.equal({ state });
        expect(stateAfter(...history, ada.marked(state))).to.deep.equal({ state });
        given(ada.marked(state), ...history)
          .when(set(state))
          .thenNothing();
      }
    });

    it(`is no longer ${state} when it is resumed: then watches and wishes say where it stands`, () => {
      given(ada.marked(state)).when(set('resumed')).then(ada.marked('resumed'));
      expect(stateAfter(ada.marked(state), ada.marked('resumed'))).to.deep.equal({ state: 'none' });
      expect(stateAfter(ada.wished(), ada.marked(state), ada.marked('resumed'))).to.deep.equal(
        wanted,
      );
      expect(stateAfter(first, ada.marked(state), ada.marked('resumed'))).to.deep.equal(watched);
    });

    it(`is no longer ${state} when the person says that they have seen it`, () => {
      given(ada.marked(state), first).when(set('watched')).then(ada.marked('resumed'));
      given(ada.marked(state))
        .when(set('watched', true))
        .then(ada.watched(sometime, { play }), ada.marked('resumed'));
    });

    it(`is no longer ${state} when the person says that they want to watch it`, () => {
      given(ada.marked(state)).when(set('want_to_watch')).then(ada.wished(), ada.marked('resumed'));
      given(ada.wished(), ada.marked(state)).when(set('want_to_watch')).then(ada.marked('resumed'));
    });
  }

  it('goes from the one to the other', () => {
    given(ada.marked('dropped')).when(set('on_hold')).then(ada.marked('on_hold'));
    given(ada.marked('on_hold')).when(set('dropped')).then(ada.marked('dropped'));
  });

  it('cannot be resumed twice', () => {
    given().when(set('resumed')).thenNothing();
    given(ada.marked('dropped'), ada.marked('resumed')).when(set('resumed')).thenNothing();
  });
});

describe('Saying that a film is watched', () => {
  it('records a watch at an unknown time', () => {
    given().when(set('watched', true)).then(ada.watched(sometime, { play }));
    given(ada.wished(), first, ada.removed())
      .when(set('watched', true))
      .then(ada.watched(sometime, { play }));
  });

  it('is refused without a watch: it is never a silent state', () => {
    for (const command of [set('watched'), set('watched', false)]) {
      const { message } = given().when(command).thenRejected('conflict', 'watched-needs-play');
      expect(message).to.include('recordPlay');
      given(first, ada.removed()).when(command).thenRejected('conflict', 'watched-needs-play');
    }
    given(ada.marked('dropped'))
      .when(set('watched'))
      .thenRejected('conflict', 'watched-needs-play');
  });

  it('says nothing of a film that has been watched', () => {
    given(first).when(set('watched')).thenNothing();
    given(first).when(set('watched', true)).thenNothing();
  });
});

describe('Saying that one wants to watch a film', () => {
  it('puts it on the watchlist, once', () => {
    given().when(set('want_to_watch')).then(ada.wished());
    given(ada.wished()).when(set('want_to_watch')).thenNothing();
  });

  it('of a film that has been watched means once more', () => {
    given(first).when(set('want_to_watch')).then(ada.wished());
    expect(stateAfter(first, ada.wished())).to.deep.equal(wantedAgain);
  });
});

describe('That a film is in progress', () => {
  it('follows from playback and cannot be said', () => {
    const command = set('resumed');
    const inProgress = { ...command, data: { movieId: ada.titleId, state: 'in_progress' } };
    expect(commandErrorsOf(inProgress)).to.have.lengthOf(1);
  });
});
