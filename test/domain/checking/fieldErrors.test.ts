import { expect } from 'chai';
import { commandTypes, type CommandName } from '../../../src/domain/commandTypes.js';
import { validator } from '../../../src/domain/validation.js';
import { history } from '../../../src/queries/viewing/history.js';
import { movies } from '../../../src/queries/catalogue/movies.js';

const ID = 'abcdef00-0000-4000-8000-00000000000a';
const WATCHED =
  'must be "now", {"at": "2026-11-20T20:30:00+01:00"}, {"date": "2026-11-20"}, "released" or "unknown"';
const AT =
  'must be a time such as 2026-11-20T20:30:00+01:00; for a day alone give {"date": "2026-11-20"}';

type Mistake = readonly [data: object, field: string, message: string];

const mistakes: Readonly<Partial<Record<CommandName, readonly Mistake[]>>> = {
  RecordWatchEvent: [
    ...['yesterday', '2026-11-20T20:30:00+01:00', 5, null, ['now'], {}, { place: 'home' }].map(
      (watched): Mistake => [{ watched }, 'watched', WATCHED],
    ),
    [{ watched: { at: '2026-02-06T20:15Z', date: '2026-02-06' } }, 'watched', WATCHED],
    [{ watched: { at: 'last night' } }, 'watched.at', AT],
    [{ watched: { at: '2026-02-06' } }, 'watched.at', AT],
    [{ watched: { at: 1_770_408_900 } }, 'watched.at', AT],
    [{ watched: { at: '2026-02-30T20:15Z' } }, 'watched.at', 'is not a time that exists'],
    [
      { watched: { at: '2026-02-30T20:15' }, timezone: 'Asia/Tokyo' },
      ...(['watched.at', 'is not a time that exists'] as const),
    ],
    [
      { watched: { at: '2026-02-06T20:15' } },
      'watched.at',
      'has no UTC offset: write it with one, such as 2026-02-06T20:15+01:00, or give "timezone", such as "Europe/Berlin"',
    ],
    [
      { watched: { at: '2026-02-06T20:15' }, timezone: 'Berlin' },
      ...(['timezone', 'must be an IANA time zone name such as Europe/Berlin'] as const),
    ],
    [{ watched: { date: '2026-02-30' } }, 'watched.date', 'must be a date such as 2026-11-20'],
    [{ watched: { date: 20260206 } }, 'watched.date', 'must be a date such as 2026-11-20'],
    [
      { watched: { at: '2026-02-06T20:15Z', place: 'home' } },
      ...(['watched.place', 'is not a known field (known: at)'] as const),
    ],
    [{ source: 'plex' }, 'source', 'must be one of manual, playback, import, webhook'],
    [{ rating: 11 }, 'rating', 'must be at most 10'],
    [{ rating: 7.25 }, 'rating', 'must have at most one decimal'],
    [{ rating: '7' }, 'rating', 'must be a number'],
    [{ force: 'yes' }, 'force', 'must be true or false'],
    [{ playId: 5 }, 'playId', 'must be a UUID such as 6a2f41a3-c54c-4a8e-9c1f-0b7d5a0e3c11'],
    [{ tmdbId: 1.5 }, 'tmdbId', 'must be a whole number'],
    [{ imdbId: '0017925' }, 'imdbId', 'must be an IMDb id such as tt0017136'],
    [{ device: 'x'.repeat(201) }, 'device', 'must have at most 200 characters'],
    [{ device: '' }, 'device', 'must not be empty'],
  ],
  AmendWatch: [
    [{ note: 5 }, 'note', 'must be a string or null'],
    [{ note: '' }, 'note', 'must not be empty'],
    [{ watched: null }, 'watched', WATCHED],
  ],
  RateMovie: [
    [{ rating: 7, review: '' }, 'review', 'must not be empty'],
    [{ rating: 7, review: 7 }, 'review', 'must be a string or null'],
    [{}, 'rating', 'is required'],
  ],
  EditMovieDetails: [
    [{ changes: {} }, 'changes', 'must have at least one of its fields'],
    [{ changes: { title: null } }, 'changes.title', 'must be a string'],
    [{ changes: { year: '1926' } }, 'changes.year', 'must be a whole number or null'],
    [{ changes: { year: 1_800 } }, 'changes.year', 'must be at least 1870'],
    [{ changes: { genres: 'Drama' } }, 'changes.genres', 'must be a list or null'],
    [{ changes: { genres: [null] } }, 'changes.genres.0', 'must be a string'],
    [
      { changes: { genres: ['Drama', 'Drama'] } },
      ...(['changes.genres', 'must not have the same entry twice'] as const),
    ],
    [
      { changes: { releaseDate: 1_926 } },
      ...(['changes.releaseDate', 'must be a date such as 2026-11-20 or null'] as const),
    ],
    [{ changes: { cast: [{}] } }, 'changes.cast.0.name', 'is required'],
  ],
  MarkAchievementsSeen: [
    [{ achievements: 'some' }, 'achievements', 'must be "all" or a list'],
    [{ achievements: 9 }, 'achievements', 'must be "all" or a list'],
    [{ achievements: [] }, 'achievements', 'must have at least 1 entry'],
  ],
  ChangeProfile: [
    [{}, '', 'must have at least one of displayName, timezone, preferences'],
    [{ preferences: { ratingScale: '7' } }, 'preferences.ratingScale', 'must be one of 10, 5, 100'],
  ],
};

describe('What a refusal says', () => {
  for (const [name, cases] of Object.entries(mistakes)) {
    it(`of ${name} is the one mistake in it, and what is right`, () => {
      const schema = commandTypes[name as CommandName];
      const ids = Object.fromEntries(
        ['movieId', 'playId'].filter((id) => id in schema.properties).map((id) => [id, ID]),
      );
      for (const [data, field, message] of cases) {
        const checked = validator(schema)({ ...ids, ...data });
        const told = JSON.stringify(data).slice(0, 100);
        expect(checked, told).to.deep.equal({ ok: false, errors: [{ field, message }] });
      }
    });
  }

  it('of a query string is that, too', () => {
    for (const [query, sent, field, message] of [
      [history, { limit: 'ten' }, 'limit', 'must be a whole number'],
      [history, { limit: '501' }, 'limit', 'must be at most 500'],
      [history, { limit: ['1', '2'] }, 'limit', 'is given more than once'],
      [history, { from: 'today' }, 'from', 'must be a date such as 2026-11-20'],
      [
        ...[history, { page: '2' }, 'page'],
        'is not a known parameter (known: sort, movieId, from, to, limit, cursor)',
      ],
      [movies, { decade: '1985' }, 'decade', 'must be a multiple of 10'],
      [movies, { order: 'up' }, 'order', 'must be one of asc, desc'],
    ] as const) {
      expect(validator(query.parameters, { coerce: true })(sent)).to.deep.equal({
        ok: false,
        errors: [{ field, message }],
      });
    }
  });
});

describe('A moment in a command', () => {
  it('becomes an instant, in the zone of the command where it has no offset', () => {
    const check = validator(commandTypes.RecordWatchEvent);
    for (const [at, timezone, instant] of [
      ['2026-02-06T20:15+01:00', undefined, '2026-02-06T19:15:00.000Z'],
      ['2026-02-06 20:15:30.12345678901+0100', undefined, '2026-02-06T19:15:30.123Z'],
      ['2026-02-06T20:15', 'Europe/Berlin', '2026-02-06T19:15:00.000Z'],
      ['2026-02-06T20:15:00', 'America/New_York', '2026-02-07T01:15:00.000Z'],
      ['2026-02-06T20:15Z', 'America/New_York', '2026-02-06T20:15:00.000Z'],
    ] as const) {
      const zone = timezone === undefined ? {} : { timezone };
      expect(check({ movieId: ID, watched: { at }, ...zone })).to.deep.equal({
        ok: true,
        value: { movieId: ID, watched: { at: instant }, ...zone },
      });
    }
  });
});
