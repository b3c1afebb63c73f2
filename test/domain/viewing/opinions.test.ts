import { expect } from 'chai';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { commandErrorsOf, specificationOf } from '../../support/deciders/deciderSpecification.js';
import { commandsOf } from '../../support/histories/viewingCommands.js';
import {
  atInstant,
  saidOf,
  snapshotOf,
  sometime,
  viewingOf,
} from '../../support/histories/viewingEvents.js';

const { given } = specificationOf(viewingDecider);

const ada = viewingOf('Ada', 'Heat');
const about = { userId: ada.userId, titleId: ada.titleId, kind: ada.kind };
const commands = commandsOf('Ada', 'Heat');
const { rate, unrate, review, unreview, like, unlike } = commands;

describe('Rating a film', () => {
  it('needs no watch of it', () => {
    given().when(rate(8.5)).then(ada.rated(8.5));
  });

  it('names the film and its year as they are today', () => {
    const title = snapshotOf({ title: 'Heat', releaseYear: 1995 });
    given()
      .when(commandsOf('Ada', 'Heat', { title }).rate(8))
      .then({
        type: 'TitleRated',
        data: { ...about, rating: 8, name: { title: 'Heat', releaseYear: 1995 } },
      });
  });

  it('again replaces the rating', () => {
    given(ada.rated(8)).when(rate(7.9)).then(ada.rated(7.9));
  });

  it('again with the same value says nothing', () => {
    given(ada.rated(8)).when(rate(8)).thenNothing();
    given(ada.rated(7), ada.rated(8)).when(rate(8)).thenNothing();
  });

  it('with 0 is a rating', () => {
    given().when(rate(0)).then(ada.rated(0));
    given(ada.rated(0)).when(rate(0)).thenNothing();
    given(ada.rated(0)).when(unrate()).then(ada.unrated());
  });

  it('goes from 0 to 10 in tenths', () => {
    for (let tenths = 0; tenths <= 100; tenths += 1) {
      given()
        .when(rate(tenths / 10))
        .then(ada.rated(tenths / 10));
    }
    for (const value of [-0.1, 10.1, 7.55, 1e9, Number.NaN]) {
      expect(commandErrorsOf(rate(value)), String(value)).to.have.lengthOf(1);
    }
  });

  it('is free of what binary fractions leave behind', () => {
    given()
      .when(rate(0.1 + 0.2))
      .then(ada.rated(0.3));
    given(ada.rated(0.3))
      .when(rate(0.1 + 0.2))
      .thenNothing();
    // As it was stored once.
    given(ada.rated(0.1 + 0.2))
      .when(rate(0.3))
      .thenNothing();
    given()
      .when(commands.record({ rating: 0.1 + 0.2 }))
      .then(ada.watched(sometime, { play: 'second' }), ada.rated(0.3));
    for (const value of [7.25, 0.35, 9.99, 0.30000001]) {
      expect(commandErrorsOf(rate(value)), String(value)).to.have.lengthOf(1);
    }
  });

  it('stays when the film is watched again, or a watch is removed', () => {
    given(ada.rated(8), ada.watched(sometime), ada.removed()).when(rate(8)).thenNothing();
  });
});

describe('Rating a film with a review', () => {
  it('rates and reviews it at once', () => {
    given()
      .when(rate(8, { review: 'Slow.', spoiler: true }))
      .then(ada.rated(8), ada.reviewed('Slow.', true));
  });

  it('says only what changes', () => {
    given(ada.rated(8))
      .when(rate(8, { review: 'Slow.' }))
      .then(ada.reviewed('Slow.'));
    given(ada.reviewed('Slow.'))
      .when(rate(8, { review: 'Slow.' }))
      .then(ada.rated(8));
    given(ada.rated(8), ada.reviewed('Slow.'))
      .when(rate(8, { review: 'Slow.' }))
      .thenNothing();
  });

  it('keeps a review that is not told', () => {
    given(ada.reviewed('Slow.')).when(rate(8)).then(ada.rated(8));
    given(ada.rated(8), ada.reviewed('Slow.'), ada.rated(9)).when(review('Slow.')).thenNothing();
  });

  it('clears a review that is null', () => {
    given(ada.rated(8), ada.reviewed('Slow.'))
      .when(rate(9, { review: null }))
      .then(ada.rated(9), ada.unreviewed());
    given(ada.rated(8))
      .when(rate(8, { review: null }))
      .thenNothing();
  });

  it('changes whether the review that is there tells too much', () => {
    given(ada.rated(8), ada.reviewed('He dies.'))
      .when(rate(8, { spoiler: true }))
      .then(ada.reviewed('He dies.', true));
    given(ada.rated(8), ada.reviewed('He dies.', true))
      .when(rate(8, { spoiler: true }))
      .thenNothing();
    given()
      .when(rate(8, { spoiler: true }))
      .then(ada.rated(8));
  });
});

describe('Taking a rating back', () => {
  it('takes it back and leaves the review', () => {
    given(ada.rated(8), ada.reviewed('Slow.')).when(unrate()).then(ada.unrated());
    given(ada.rated(8), ada.reviewed('Slow.'), ada.unrated()).when(review('Slow.')).thenNothing();
  });

  it('says nothing where there is none', () => {
    given().when(unrate()).thenNothing();
    given(ada.rated(8), ada.unrated()).when(unrate()).thenNothing();
  });

  it('makes the same rating new', () => {
    given(ada.rated(8), ada.unrated()).when(rate(8)).then(ada.rated(8));
  });
});

describe('Reviewing a film', () => {
  it('needs neither a watch nor a rating', () => {
    given().when(review('Slow.')).then(ada.reviewed('Slow.'));
  });

  it('replaces the review', () => {
    given(ada.reviewed('Slow.')).when(review('Slow?')).then(ada.reviewed('Slow?'));
  });

  it('has one kind of line break, however its lines end', () => {
    given().when(review('Slow.\r\nSad.')).then(ada.reviewed('Slow.\nSad.'));
    given(ada.reviewed('Slow.\nSad.')).when(review('Slow.\r\nSad.')).thenNothing();
  });

  it('with the same words says nothing', () => {
    given(ada.reviewed('Slow.')).when(review('Slow.')).thenNothing();
    given(ada.reviewed('Slow.', true)).when(review('Slow.', true)).thenNothing();
  });

  it('keeps what was said of spoilers until something else is said', () => {
    given(ada.reviewed('He dies.', true))
      .when(review('He dies in the end.'))
      .then(ada.reviewed('He dies in the end.', true));
    given(ada.reviewed('He dies.'))
      .when(review('He dies.', true))
      .then(ada.reviewed('He dies.', true));
    given(ada.reviewed('Slow.', true)).when(review('Slow.', false)).then(ada.reviewed('Slow.'));
  });

  it('takes 10,000 characters, lines and all, and something must be written', () => {
    const longest = `${'x'.repeat(9_998)}\n.`;
    given().when(review(longest)).then(ada.reviewed(longest));
    for (const refused of [`${longest}.`, '', 'a\u0000b', '\ud800']) {
      expect(commandErrorsOf(review(refused)), refused.slice(0, 9)).to.have.lengthOf(1);
    }
  });
});

describe('Taking a review back', () => {
  it('takes it back and leaves the rating', () => {
    given(ada.rated(8), ada.reviewed('Slow.')).when(unreview()).then(ada.unreviewed());
    given(ada.rated(8), ada.reviewed('Slow.'), ada.unreviewed()).when(rate(8)).thenNothing();
  });

  it('says nothing where there is none', () => {
    given().when(unreview()).thenNothing();
    given(ada.reviewed('Slow.'), ada.unreviewed()).when(unreview()).thenNothing();
  });

  it('forgets what was said of spoilers', () => {
    given(ada.reviewed('He dies.', true), ada.unreviewed())
      .when(review('Slow.'))
      .then(ada.reviewed('Slow.'));
  });
});

describe('A favourite', () => {
  it('is added once', () => {
    given().when(like()).then(ada.liked());
    given(ada.liked()).when(like()).thenNothing();
    given(ada.liked(), ada.unliked()).when(like()).then(ada.liked());
  });

  it('is removed once', () => {
    given(ada.liked()).when(unlike()).then(ada.unliked());
    given().when(unlike()).thenNothing();
    given(ada.liked(), ada.unliked()).when(unlike()).thenNothing();
  });

  it('stays whatever happens to watches, ratings and the watchlist', () => {
    given(
      ...[ada.liked(), ada.watched(sometime), ada.removed()],
      ...[ada.rated(1), ada.unrated(), ada.wished(), ada.unwished(), ada.marked('dropped')],
    )
      .when(like())
      .thenNothing();
  });

  it('of a film that the catalogue does not know has no name yet', () => {
    const { title: _, ...context } = commands.context;
    given()
      .when({ type: 'AddToFavorites', data: { movieId: ada.titleId }, context })
      .then({ type: 'FavoriteAdded', data: { ...about, name: { title: '?' } } });
  });
});

describe('What is said of a film, of another moment', () => {
  const [long, longer] = ['2019-05-01T19:00:00.000Z', '2018-05-01T19:00:00.000Z'];
  const said = [
    {
      what: 'a rating',
      command: (at?: string) => rate(8, at === undefined ? {} : { at }),
      event: ada.rated(8),
    },
    {
      what: 'a review',
      command: (at?: string) => review('Slow.', undefined, at),
      event: ada.reviewed('Slow.'),
    },
    { what: 'a favourite', command: (at?: string) => like(at), event: ada.liked() },
    { what: 'a wish', command: (at?: string) => commands.wish(at), event: ada.wished() },
  ];
  for (const { what, command, event } of said) {
    it(`${what} is of that moment`, () => {
      given().when(command('2019-05-01T21:00:00+02:00')).then(saidOf(event, long));
    });

    it(`${what} said again is left alone without a moment, or with the same`, () => {
      given(saidOf(event, long)).when(command()).thenNothing();
      given(saidOf(event, long)).when(command(long)).thenNothing();
      given(event).when(command()).thenNothing();
    });

    it(`${what} said again with another moment is of that one`, () => {
      given(saidOf(event, long)).when(command(longer)).then(saidOf(event, longer));
      given(event).when(command(long)).then(saidOf(event, long));
    });

    it(`${what} is neither of the future nor of a time before films`, () => {
      given()
        .when(command('2026-02-06T20:05:00.000Z'))
        .then(saidOf(event, '2026-02-06T20:05:00.000Z'));
      given().when(command('2026-02-06T20:05:00.001Z')).thenRejected('invalid', 'in-future');
      given().when(command('1887-12-31T23:59:59.999Z')).thenRejected('invalid', 'too-early');
    });
  }

  it('dates a rating and its review together', () => {
    given()
      .when(rate(8, { review: 'Slow.', at: long }))
      .then(saidOf(ada.rated(8), long), saidOf(ada.reviewed('Slow.'), long));
  });

  it('dates no review anew for its spoiler mark', () => {
    given(saidOf(ada.reviewed('Slow.'), long))
      .when(review('Slow.', true))
      .then(saidOf(ada.reviewed('Slow.', true), long));
    given(ada.rated(8), saidOf(ada.reviewed('Slow.'), long))
      .when(rate(8, { spoiler: true }))
      .then(saidOf(ada.reviewed('Slow.', true), long));
  });

  it('is of the watch where an import tells of both', () => {
    const watched = { at: long };
    given()
      .when(commands.record({ watched, source: 'import', rating: 7 }))
      .then(
        ada.watched(atInstant(long), { play: 'second', source: 'import' }),
        saidOf(ada.rated(7, 'import'), long),
      );
    given()
      .when(commands.record({ watched, rating: 7 }))
      .then(ada.watched(atInstant(long), { play: 'second' }), ada.rated(7));
  });

  it('is not replaced by an older rating of an import', () => {
    const record = commands.record({ watched: { at: long }, source: 'import', rating: 7 });
    const watched = ada.watched(atInstant(long), { play: 'second', source: 'import' });
    given(ada.rated(8)).when(record).then(watched);
    given(saidOf(ada.rated(8), '2020-01-01T00:00:00.000Z'))
      .when(record)
      .then(watched);
    given(saidOf(ada.rated(8), longer))
      .when(record)
      .then(watched, saidOf(ada.rated(7, 'import'), long));
  });
});
