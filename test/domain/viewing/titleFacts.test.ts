import { expect } from 'chai';
import type { TitleSnapshot } from '../../../src/domain/viewing/events.js';
import { nameWithFacts, withFacts } from '../../../src/domain/viewing/titleFacts.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { specificationOf } from '../../support/deciders/deciderSpecification.js';
import { commandsOf } from '../../support/histories/viewingCommands.js';
import { snapshotOf, sometime, viewingOf } from '../../support/histories/viewingEvents.js';

const { given } = specificationOf(viewingDecider);

const ada = viewingOf('Ada', 'Heat');
/** All that a snapshot holds. */
const whole: TitleSnapshot = {
  ...{ title: 'Heat', runtimeMinutes: 170, runtimeEstimated: false, genres: ['Crime'] },
  ...{ releaseYear: 1995, releaseDate: '1995-12-15', voteAverage: 7.9, countries: ['US'] },
  ...{ originalLanguage: 'en', directors: ['Mann'], studios: ['Regency'], actors: ['Pacino'] },
};
/** What stands for a title that the catalogue does not know. */
const placeholder = snapshotOf({ title: '?', runtimeMinutes: 90, runtimeEstimated: true });
const learn = (title: TitleSnapshot) => commandsOf('Ada', 'Heat', { title }).learn();
const watched = (snapshot: Partial<TitleSnapshot>, play = 'first') =>
  ada.watched(sometime, { snapshot, play });

describe('Facts of a title that become known', () => {
  it('are recorded whole when a play lacked one of them', () => {
    const lacking: readonly Partial<TitleSnapshot>[] = [
      placeholder,
      { ...whole, runtimeMinutes: 90, runtimeEstimated: true },
      ...(['genres', 'countries', 'directors', 'studios', 'actors'] as const).map((list) => ({
        ...whole,
        [list]: [],
      })),
    ];
    for (const snapshot of lacking) {
      given(watched(snapshot)).when(learn(whole)).then(ada.learnt(whole));
    }
  });

  it('are recorded when an absent field of a play is there now', () => {
    const { releaseYear: _, ...withoutYear } = whole;
    const { voteAverage: __, ...withoutVotes } = whole;
    const { originalLanguage: ___, ...withoutLanguage } = whole;
    for (const snapshot of [withoutYear, withoutVotes, withoutLanguage]) {
      given(watched(snapshot)).when(learn(whole)).then(ada.learnt(whole));
    }
  });

  it('are of no concern to plays that knew them: a correction does not follow', () => {
    given(watched(whole))
      .when(learn({ ...whole, title: 'Heat!', runtimeMinutes: 171, genres: ['Drama'] }))
      .thenNothing();
  });

  it('are recorded once, and their corrections do not follow', () => {
    given(watched(placeholder), ada.learnt(whole)).when(learn(whole)).thenNothing();
    given(watched(placeholder), ada.learnt(whole))
      .when(learn({ ...whole, runtimeMinutes: 171 }))
      .thenNothing();
  });

  it('are recorded one after the other, as they become known', () => {
    const timed = { ...whole, genres: [] };
    given(watched(placeholder)).when(learn(timed)).then(ada.learnt(timed));
    given(watched(placeholder), ada.learnt(timed)).when(learn(whole)).then(ada.learnt(whole));
  });

  it('are recorded for a play that was recorded without them after others had them', () => {
    given(watched(placeholder), ada.learnt(whole), watched(placeholder, 'second'))
      .when(learn(whole))
      .then(ada.learnt(whole));
  });

  it('are recorded for a play that was removed: it may be restored', () => {
    given(watched(placeholder), ada.removed()).when(learn(whole)).then(ada.learnt(whole));
  });

  it('are recorded for names in lists', () => {
    for (const named of [ada.rated(8), ada.liked(), ada.wished(), ada.reviewed('Slow.')]) {
      given(named).when(learn(whole)).then(ada.learnt(whole));
      given(named, ada.learnt(whole)).when(learn(whole)).thenNothing();
    }
  });

  it('are none when the catalogue knows no more than the plays, or nothing', () => {
    given(watched(placeholder)).when(learn(placeholder)).thenNothing();
    const { title: _, ...context } = commandsOf('Ada', 'Heat').context;
    given(watched(placeholder))
      .when({ type: 'LearnTitleFacts', data: { movieId: ada.titleId }, context })
      .thenNothing();
    given().when(learn(whole)).thenNothing();
  });
});

describe('A snapshot with what it lacked', () => {
  it('is the whole of what is known where it knew nothing', () => {
    expect(withFacts(placeholder, whole)).to.deep.equal(whole);
  });

  it('keeps each fact that it had', () => {
    const old: TitleSnapshot = {
      ...whole,
      ...{ title: 'Fire', runtimeMinutes: 1, genres: ['War'], releaseYear: 1900, actors: ['Bo'] },
    };
    expect(withFacts(old, whole)).to.equal(old);
    const timeless = { ...old, runtimeEstimated: true };
    expect(withFacts(timeless, whole)).to.deep.equal({
      ...old,
      runtimeMinutes: 170,
      runtimeEstimated: false,
    });
  });

  it('stays an estimate as long as nobody knows better', () => {
    expect(
      withFacts(placeholder, { ...whole, runtimeMinutes: 90, runtimeEstimated: true }),
    ).to.include({ runtimeMinutes: 90, runtimeEstimated: true, title: 'Heat' });
  });

  it('has its name in lists likewise', () => {
    expect(nameWithFacts({ title: '?' }, whole)).to.deep.equal({
      title: 'Heat',
      releaseYear: 1995,
    });
    expect(nameWithFacts({ title: 'Fire' }, whole)).to.deep.equal({
      title: 'Fire',
      releaseYear: 1995,
    });
    const known = { title: 'Fire', releaseYear: 1900 };
    expect(nameWithFacts(known, whole)).to.equal(known);
  });
});
