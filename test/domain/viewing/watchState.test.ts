import { expect } from 'chai';
import type { ViewingEvent } from '../../../src/domain/viewing/events.js';
import { evolve, initialViewing, standing } from '../../../src/domain/viewing/state.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { commandErrorsOf, specificationOf } from '../../support/deciders/deciderSpecification.js';
import { commandsOf, NOW } from '../../support/histories/viewingCommands.js';
import { onDate, sometime, viewingOf } from '../../support/histories/viewingEvents.js';

const { given } = specificationOf(viewingDecider);

const ada = viewingOf('Ada', 'Heat');
const { record, wish, unwish, set } = commandsOf('Ada', 'Heat');
const tidy = commandsOf('Ada', 'Heat', { removeWatchedFromWatchlist: true });
const first = ada.watched(onDate('2026-02-01'));
/** What commands record is called so. */
const play = 'second';

/** Where the film stands after a history. */
const standingAfter = (...history: readonly ViewingEvent[]) =>
  standing(history.reduce(evolve, initialViewing));
const stateAfter = (...history: readonly ViewingEvent[]) => standingAfter(...history).watchState;
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
    given(ada.wished())
      .when(tidy.record())
      .then(ada.watched(sometime, { play }), ada.takenOffBy(play));
    given(ada.wished(), first)
      .when(tidy.record())
      .then(ada.watched(sometime, { play }), ada.takenOffBy(play));
    given().when(tidy.record()).then(ada.watched(sometime, { play }));
  });

  it('have them taken off also when they say only that they have seen it', () => {
    given(ada.wished())
      .when(tidy.set('watched', true))
      .then(ada.watched(sometime, { play }), ada.takenOffBy(play));
  });

  it('have them back on it when the watch is undone, however many there were', () => {
    const second = ada.watched(sometime, { play });
    const history = [ada.wished(), first, ada.takenOffBy('first')];
    expect(standingAfter(...history)).to.deep.include({ watchState: watched, inWatchlist: false });
    expect(standingAfter(...history, ada.removed())).to.deep.include({
      watchState: wanted,
      inWatchlist: true,
    });
    expect(standingAfter(...history, ada.removed(), ada.restored()).inWatchlist).to.equal(false);
    expect(stateAfter(...history, second, ada.removed())).to.deep.equal(watched);
    expect(stateAfter(...history, second, ada.removed(), ada.removed(play))).to.deep.equal(wanted);
  });

  it('have them back on it when the last of several reports is undone', () => {
    const reports = [first, ada.watched(sometime, { play, source: 'webhook' }), ada.linked(play)];
    const history = [ada.wished(), ...reports, ada.takenOffBy('first')];
    expect(stateAfter(...history, ada.removed())).to.deep.equal(watched);
    expect(stateAfter(...history, ada.removed(), ada.removed(play))).to.deep.equal(wanted);
  });

  it('do not have back what they took off themselves', () => {
    given(ada.wished(), first, ada.takenOffBy('first')).when(unwish()).then(ada.unwished());
    expect(
      stateAfter(ada.wished(), first, ada.takenOffBy('first'), ada.unwished(), ada.removed()),
    ).to.deep.equal({ state: 'none' });
  });
});

describe('A wish to see a film again', () => {
  const again = [first, ada.wished()];
  const second = ada.watched(sometime, { play });

  it('is back when the watch that fulfilled it is undone', () => {
    expect(stateAfter(...again, second)).to.deep.equal(watched);
    expect(stateAfter(...again, second, ada.removed(play))).to.deep.equal(wantedAgain);
    expect(stateAfter(...again, second, ada.removed())).to.deep.equal(watched);
  });

  it('is not fulfilled by a further report of the viewing before it', () => {
    const report = [ada.watched(sometime, { play, source: 'webhook' }), ada.linked(play)];
    expect(stateAfter(...again, ...report)).to.deep.equal(wantedAgain);
    expect(stateAfter(...again, ...report, ada.unlinked(play, true))).to.deep.equal(watched);
    // As older logs have it.
    expect(stateAfter(...again, ...report, ada.wished())).to.deep.equal(wantedAgain);
  });
});

describe('A film that was dropped or put on hold', () => {
  for (const state of ['dropped', 'on_hold'] as const) {
    it(`is ${state} once`, () => {
      given().when(set(state)).then(ada.marked(state));
      given(ada.marked(state)).when(set(state)).thenNothing();
    });

    it(`stays ${state} whatever is wished or removed, or was watched before`, () => {
      for (const history of [[first], [ada.wished()], [ada.wished(), first, ada.removed()]]) {
        expect(stateAfter(...history, ada.marked(state))).to.deep.equal({ state });
        given(...history, ada.marked(state))
          .when(set(state))
          .thenNothing();
      }
      expect(stateAfter(ada.marked(state), ada.wished())).to.deep.equal({ state });
    });

    it(`is no longer ${state} when a watch is recorded, and is again when that is undone`, () => {
      const resuming = ada.watched(sometime, { play, resumes: true });
      given(ada.marked(state)).when(record()).then(resuming);
      expect(stateAfter(ada.marked(state), resuming)).to.deep.equal(watched);
      expect(stateAfter(ada.marked(state), resuming, ada.removed(play))).to.deep.equal({ state });
      given(ada.marked(state), resuming).when(set(state)).then(ada.marked(state));
      given(ada.marked(state), resuming).when(set('resumed')).thenNothing();
    });

    it(`stays ${state} when the watch says so, is imported or long ago`, () => {
      const [today, yesterday] = [NOW.slice(0, 10), '2026-02-05'];
      for (const data of [
        { keepState: true },
        { source: 'import' as const },
        { watched: { date: yesterday } },
        { watched: { at: `${yesterday}T20:00:00Z` } },
      ]) {
        const [watch] = given(ada.marked(state)).when(record(data)).thenEvents();
        expect(watch?.data).not.to.have.property('resumes');
        expect(stateAfter(ada.marked(state), ...(watch ? [watch] : []))).to.deep.equal({ state });
      }
      for (const data of [
        { watched: 'now' as const },
        { watched: { date: today } },
        { watched: { at: `${today}T09:00:00Z` }, source: 'webhook' as const },
      ]) {
        const [watch] = given(ada.marked(state)).when(record(data)).thenEvents();
        expect(watch?.data).to.have.property('resumes');
      }
    });

    it(`stays ${state} when a viewing from before is reported once more`, () => {
      const report = ada.watched(sometime, { play, source: 'webhook', resumes: true });
      expect(stateAfter(first, ada.marked(state), report, ada.linked(play))).to.deep.equal({
        state,
      });
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
        .then(ada.watched(sometime, { play, resumes: true }));
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
