import fc from 'fast-check';
import type {
  ViewingCommand,
  ViewingContext,
  WatchedValue,
} from '../../../src/domain/viewing/commands.js';
import { filmId, personId, playIdOf, snapshotOf } from './viewingEvents.js';

const movieId = filmId('Heat');
/** Ids of plays: a client's own, what an import's key becomes, and that of the n-th play without either. */
const ofClient = fc.nat(1).map((nth) => playIdOf(`client ${nth}`));
export const ofImport = (source: string, externalId: string) => playIdOf(`${source} ${externalId}`);
export const ofNew = (nth: number, run = 'new') => playIdOf(`${run} ${nth}`);
/** Of plays that are there, that were, and that never were. */
const playId = fc.oneof(
  ofClient,
  { weight: 3, arbitrary: fc.nat(3).map((nth) => ofNew(nth)) },
  fc.constant(ofImport('import', 'diary 1')),
);

const zone = fc.constantFrom('UTC', 'America/New_York', 'Asia/Tokyo', 'Pacific/Kiritimati');
/** Four hours around midnight, to the second: close enough to meet, and to be duplicates. */
const instant = fc
  .integer({ min: 0, max: 24 })
  .map((tens) => new Date(Date.UTC(2026, 0, 1, 22, tens * 10)).toISOString());
export const watchedValue: fc.Arbitrary<WatchedValue> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ at: instant }) },
  fc.record({ date: fc.constantFrom('2026-01-01', '2026-01-02', '1887-12-31', '2999-01-01') }),
  fc.constantFrom('now' as const, 'released' as const, 'unknown' as const),
);
const note = fc.constantFrom('With Bob', 'Alone');
const rating = fc.nat(4).map((value) => value / 2);
const review = fc.constantFrom('Slow.', 'He dies.');

/** Fields that may be missing. */
const some = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });

type Told = ViewingCommand extends infer Each
  ? Each extends ViewingCommand
    ? Omit<Each, 'context'>
    : never
  : never;

const told: fc.Arbitrary<Told> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('RecordWatchEvent' as const),
      data: some({
        playId: ofClient,
        watched: watchedValue,
        timezone: zone,
        source: fc.constantFrom(
          ...(['manual', 'manual', 'playback', 'import', 'webhook'] as const),
        ),
        externalId: fc.constantFrom('diary 1', 'diary 2'),
        note,
        rating,
        force: fc.boolean(),
        keepState: fc.boolean(),
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        playId,
        some({
          watched: watchedValue,
          timezone: zone,
          note: fc.option(note, { nil: null }),
          duplicateOf: fc.constant(null),
          force: fc.boolean(),
        }),
      )
      .map(([id, changes]): Told => ({
        type: 'AmendWatch',
        data: { movieId, playId: id, ...changes },
      })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom('RemoveWatch' as const, 'RestoreWatch' as const),
        playId,
        some({ force: fc.boolean() }),
      )
      .map(([type, id, more]): Told => {
        const data = { movieId, playId: id };
        return type === 'RemoveWatch' ? { type, data } : { type, data: { ...data, ...more } };
      }),
  },
  fc.constant<Told>({ type: 'LearnTitleFacts', data: { movieId } }),
  fc
    .tuple(
      rating,
      some({ review: fc.option(review, { nil: null }), spoiler: fc.boolean(), at: instant }),
    )
    .map(([value, more]): Told => ({
      type: 'RateMovie',
      data: { movieId, rating: value, ...more },
    })),
  fc.tuple(review, some({ spoiler: fc.boolean(), at: instant })).map(([text, more]): Told => ({
    type: 'WriteReview',
    data: { movieId, review: text, ...more },
  })),
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(
        ...([
          ...['RemoveRating', 'RemoveReview', 'RemoveFromFavorites', 'RemoveFromWatchlist'],
        ] as const),
      )
      .map((type): Told => ({ type, data: { movieId } })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('AddToFavorites' as const, 'AddToWatchlist' as const),
        some({ at: instant }),
      )
      .map(([type, more]): Told => ({ type, data: { movieId, ...more } })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          ...(['dropped', 'on_hold', 'resumed', 'watched', 'want_to_watch'] as const),
        ),
        some({ recordPlay: fc.boolean() }),
      )
      .map(([state, more]): Told => ({ type: 'SetWatchState', data: { movieId, state, ...more } })),
  },
);

const situation = fc.record({
  /** Since the command before; a removed play may be too old to restore. */
  days: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 29, 31),
  zone,
  dayEndsAt: fc.constantFrom('00:00', '02:00', '06:00'),
  known: fc.boolean(),
  tidy: fc.boolean(),
});

/** The id that command handling gives a play: the client's, else one that follows from the import's key. */
const toldPlayId = ({ type, data }: Told): string | undefined => {
  if (type !== 'RecordWatchEvent') return undefined;
  const { source = 'manual', externalId } = data;
  return data.playId ?? (externalId === undefined ? undefined : ofImport(source, externalId));
};

/**
 * Commands that a person may give on one film, one after the other; some will be refused. New plays get ids of
 * this `run`; commands speak of those of the run `new`.
 */
export const viewingCommands = (run = 'new'): fc.Arbitrary<readonly ViewingCommand[]> =>
  fc.array(fc.tuple(told, situation), { minLength: 1, maxLength: 30, size: 'max' }).map((steps) => {
    let now = Date.UTC(2026, 0, 3);
    let plays = 0;
    return steps.map(([command, { days, zone: own, dayEndsAt, known, tidy }]): ViewingCommand => {
      now += days * 86_400_000 + 1_000;
      const records = command.type === 'RecordWatchEvent' || command.type === 'SetWatchState';
      const context: ViewingContext = {
        now: new Date(now).toISOString(),
        userId: personId('Ada'),
        titleId: movieId,
        zone: own,
        dayEndsAt,
        playId: toldPlayId(command) ?? ofNew(records ? plays++ : plays, run),
        removeWatchedFromWatchlist: tidy,
        ...(known
          ? { title: snapshotOf({ title: 'Heat', releaseDate: '1995-12-15', releaseYear: 1995 }) }
          : {}),
      };
      return { ...command, context };
    });
  });
