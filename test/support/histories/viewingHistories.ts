import fc from 'fast-check';
import type { RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import type { ProjectedEvent } from '../../../src/projections/ports/projection.js';
import { derivedId, viewingStream } from '../../../src/domain/streams.js';
import type {
  ViewingCommand,
  ViewingContext,
  WatchedValue,
} from '../../../src/domain/viewing/commands.js';
import type {
  TitleSnapshot,
  ViewingEvent,
  WatchedWhen,
} from '../../../src/domain/viewing/events.js';
import type { ViewingState } from '../../../src/domain/viewing/state.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { filmId, personId, snapshotOf } from './viewingEvents.js';

/** Viewing events as the log gives them to read models. */
export type RecordedViewing = ProjectedEvent<ViewingEvent['type']> &
  Pick<RecordedEvent, 'metadata'>;

/**
 * Histories as people could make them: random commands on a few films, decided by the domain itself. Watches lie
 * close together, in several zones, so that days, streaks and duplicates meet; they are amended, removed and
 * restored in any order, noted and moved to another film.
 */
export const viewingHistories = (size = 40): fc.Arbitrary<readonly RecordedViewing[]> =>
  fc.array(step, { minLength: 1, maxLength: size, size: 'max' }).map(recordedHistory);

/** The same history of other people with other films. */
export const inWorld = (
  world: number,
  events: readonly RecordedViewing[],
): readonly RecordedViewing[] => {
  const text = JSON.stringify(
    events.map(({ stream, type, data, metadata }) => ({ stream, type, data, metadata })),
  );
  return JSON.parse(
    text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => derivedId(`${world} ${id}`)),
  ) as readonly RecordedViewing[];
};

/** Cuts a history into pages. */
export const pagesOf = <Event>(
  events: readonly Event[],
  sizes: readonly number[],
): readonly (readonly Event[])[] => {
  const pages: Event[][] = [];
  let start = 0;
  for (let nth = 0; start < events.length; nth += 1) {
    const size = sizes[nth % sizes.length] ?? 1;
    pages.push(events.slice(start, start + size));
    start += size;
  }
  return pages;
};

export const pageSizes = fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 6 });

const zone = fc.constantFrom('UTC', 'America/New_York', 'Asia/Tokyo');
/** Nine days around a New Year, at hours that fall on other days elsewhere. */
const instant = fc
  .tuple(fc.integer({ min: 0, max: 8 }), fc.constantFrom(0, 2, 4, 5, 6, 12, 23), fc.nat(3))
  .map(([day, hour, tens]) =>
    new Date(Date.UTC(2025, 11, 28 + day, hour, tens * 10)).toISOString(),
  );
const watchedValue = fc.oneof(
  { weight: 6, arbitrary: instant.map((at) => ({ at })) },
  { weight: 2, arbitrary: instant.map((at) => ({ date: at.slice(0, 10) })) },
  { weight: 2, arbitrary: fc.constant('unknown' as const) },
  { weight: 1, arbitrary: fc.constant('released' as const) },
);

const step = fc.record({
  person: fc.constantFrom('Ada', 'Ada', 'Ada', 'Bob'),
  // Some films more than others: watched again and again.
  film: fc.constantFrom<number>(0, 0, 0, 0, 1, 1, 2, 3),
  action: fc.constantFrom(
    ...Array.from({ length: 9 }, () => 'watch'),
    ...['amend', 'amend', 'note', 'confirm', 'confirm', 'remove', 'remove', 'restore', 'restore'],
    ...['mistake', 'mistake', 'mistake', 'report', 'report', 'move', 'move', 'part'],
    ...['learn', 'learn', 'unite'],
    ...['rate', 'unrate', 'review', 'unreview', 'like', 'unlike', 'wish', 'unwish', 'mark'],
  ),
  watched: watchedValue,
  zone,
  dayEndsAt: fc.constantFrom('00:00', '00:00', '04:00', '05:30'),
  source: fc.constantFrom('manual' as const, 'webhook' as const, 'import' as const),
  /** The person wants watched films off the watchlist. */
  tidy: fc.boolean(),
  keepState: fc.boolean(),
  /** Which of the plays that there are. */
  which: fc.nat(4),
  rating: fc.nat(100).map((tenths) => tenths / 10),
  /** The catalogue does not know the film (yet). */
  pending: fc.constantFrom(false, false, false, true),
  state: fc.constantFrom('dropped' as const, 'on_hold' as const, 'resumed' as const),
  /** When it was rated, reviewed or listed; mostly now. */
  said: fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    instant.map((at) => ({ at })),
  ),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Each film has another of the same length, of which one is measured and the other estimated. */
const KINDS = 4;
const otherFilm = (film: number): number => (film + KINDS) % (2 * KINDS);

/** What the catalogue says of a film; it changes its mind once in a while. */
const filmOf = (film: number, nth: number): TitleSnapshot => {
  const kind = film % KINDS;
  const late = nth % 7 === 0;
  return snapshotOf({
    title: `Film ${film}`,
    runtimeMinutes: 90 + kind * 10 + (late ? 1 : 0),
    runtimeEstimated: (kind === 0) === film < KINDS && !late,
    genres:
      [['Drama'], ['Drama', 'Comedy'], ['Action & Adventure'], ['War', late ? 'drama' : 'Drama']][
        kind
      ] ?? [],
    countries: [['US'], ['US', 'GB'], ['FR'], []][kind] ?? [],
    directors: late ? ['Varda'] : ([['Varda'], ['Varda', 'Kubrick'], ['Ozu'], []][kind] ?? []),
    studios: kind === 1 ? ['Ealing'] : [],
    actors: kind < 2 ? ['Alec Guinness'] : [],
    ...(kind === 3
      ? { releaseYear: 1930, releaseDate: '1930-01-02' }
      : { releaseYear: 2000 + kind * 10, releaseDate: `20${20 + kind}-12-30` }),
    ...(kind === 1 ? { voteAverage: 8.0, originalLanguage: 'en' } : {}),
  });
};

const FIRST_STEP = Date.UTC(2026, 1, 1);
const STEP_MS = 7 * 3_600_000;

const recordedHistory = (steps: readonly Step[]): readonly RecordedViewing[] => {
  const states = new Map<string, ViewingState>();
  const revisions = new Map<string, bigint>();
  const recorded: RecordedViewing[] = [];
  const unite = (taken: Step, nth: number): void => {
    const stream = viewingStream(personId(taken.person), filmId(`Film ${taken.film}`));
    const all = recorded.filter((event) => event.stream === stream);
    if (all.length === 0) return;
    const since = all.findLastIndex(({ type }) => type === 'ViewingMoved') + 1;
    const past = all
      .slice(since)
      .map((event) => ({ event, recordedAt: event.recordedAt.toISOString() }));
    const [from, into] = [taken.film, otherFilm(taken.film)].map((film) => filmId(`Film ${film}`));
    const moveId = derivedId(`test:move:${nth}`);
    give(taken, nth, (context) => ({
      type: 'MoveViewing',
      data: { movieId: from ?? '', into: into ?? '', moveId },
      context,
    }));
    give({ ...taken, film: otherFilm(taken.film) }, nth, (context) => ({
      type: 'AdoptViewing',
      data: { movieId: into ?? '', from: from ?? '', moveId, past },
      context,
    }));
  };
  const give = (
    taken: Step,
    nth: number,
    command = (context: ViewingContext, state: ViewingState) => commandOf(taken, state, context),
  ): void => {
    const userId = personId(taken.person);
    const titleId = filmId(`Film ${taken.film}`);
    const stream = viewingStream(userId, titleId);
    const now = new Date(FIRST_STEP + nth * STEP_MS);
    let state = states.get(stream) ?? viewingDecider.initialState;
    const context: ViewingContext = {
      now: now.toISOString(),
      userId,
      titleId,
      zone: taken.zone,
      dayEndsAt: taken.dayEndsAt,
      playId: derivedId(`test:play:${nth}`),
      ...(taken.pending ? {} : { title: filmOf(taken.film, nth) }),
      removeWatchedFromWatchlist: taken.tidy,
    };
    const decision = viewingDecider.decide(command(context, state), state);
    if ('rejected' in decision) return;
    for (const event of decision.accepted) {
      const revision = revisions.get(stream) ?? 0n;
      recorded.push({
        ...event,
        id: derivedId(`test:event:${recorded.length}`),
        stream,
        revision,
        position: BigInt(recorded.length + 1),
        recordedAt: now,
        metadata: { correlationId: userId, causationId: userId, schemaVersion: 1 },
      });
      revisions.set(stream, revision + 1n);
      state = viewingDecider.evolve(state, event);
    }
    states.set(stream, state);
  };
  const stateOf = ({ person, film }: Pick<Step, 'person' | 'film'>) =>
    states.get(viewingStream(personId(person), filmId(`Film ${film}`)));
  /** Where the film's viewing is by now: two films may have turned out to be one. */
  const placeNow = (taken: Step): Step =>
    stateOf(taken)?.movedTo === undefined ? taken : { ...taken, film: otherFilm(taken.film) };
  steps.forEach((told, nth) => {
    const taken = placeNow(told);
    if (taken.action === 'unite') {
      unite(taken, nth);
      return;
    }
    give(taken, nth);
    // It was the other film that was watched then.
    if (taken.action === 'mistake') {
      give(placeNow({ ...taken, action: 'watch', film: otherFilm(taken.film) }), nth);
    }
  });
  return recorded;
};

const commandOf = (taken: Step, state: ViewingState, context: ViewingContext): ViewingCommand => {
  const movieId = context.titleId;
  const plays = [...state.plays.values()];
  const play = plays[taken.which % plays.length];
  const playId = play?.id ?? context.playId;
  const linked = plays.find(({ duplicateOf }) => duplicateOf !== undefined) ?? play;
  const original = plays.find(({ id }) => id === linked?.duplicateOf) ?? play;
  const note = `${taken.rating}`;
  switch (taken.action) {
    case 'amend':
      return {
        type: 'AmendWatch',
        data: { movieId, playId, watched: taken.watched, timezone: taken.zone },
        context,
      };
    // What others may be linked to was at another time.
    case 'move':
      return {
        type: 'AmendWatch',
        data: { movieId, playId: original?.id ?? playId, watched: taken.watched },
        context,
      };
    // A player reports what was recorded already.
    case 'report':
      return {
        type: 'RecordWatchEvent',
        data: { watched: play ? valueOf(play.watched) : taken.watched, source: 'webhook' },
        context,
      };
    case 'note':
      return { type: 'AmendWatch', data: { movieId, playId, note }, context };
    case 'part':
      return { type: 'AmendWatch', data: { movieId, playId, duplicateOf: null }, context };
    // "It was when I said it was", of a play that may be linked to another meanwhile.
    case 'confirm':
      return {
        type: 'AmendWatch',
        data: {
          movieId,
          playId: linked?.id ?? playId,
          note,
          watched: linked ? valueOf(linked.watched) : taken.watched,
        },
        context,
      };
    case 'remove':
    case 'mistake':
      return { type: 'RemoveWatch', data: { movieId, playId }, context };
    case 'restore':
      return { type: 'RestoreWatch', data: { movieId, playId }, context };
    case 'learn':
      return { type: 'LearnTitleFacts', data: { movieId }, context };
    case 'rate':
      return { type: 'RateMovie', data: { movieId, rating: taken.rating, ...taken.said }, context };
    case 'unrate':
      return { type: 'RemoveRating', data: { movieId }, context };
    case 'review':
      return {
        type: 'WriteReview',
        data: { movieId, review: `${taken.rating}`, ...taken.said },
        context,
      };
    case 'unreview':
      return { type: 'RemoveReview', data: { movieId }, context };
    case 'like':
      return { type: 'AddToFavorites', data: { movieId, ...taken.said }, context };
    case 'unlike':
      return { type: 'RemoveFromFavorites', data: { movieId }, context };
    case 'wish':
      return { type: 'AddToWatchlist', data: { movieId, ...taken.said }, context };
    case 'unwish':
      return { type: 'RemoveFromWatchlist', data: { movieId }, context };
    case 'mark':
      return { type: 'SetWatchState', data: { movieId, state: taken.state }, context };
    default:
      return {
        type: 'RecordWatchEvent',
        data: {
          watched: taken.watched,
          timezone: taken.zone,
          source: taken.source,
          keepState: taken.keepState,
        },
        context,
      };
  }
};

/** As a client would say when it was. */
const valueOf = (watched: WatchedWhen): WatchedValue => {
  switch (watched.precision) {
    case 'instant':
      return { at: watched.instant };
    case 'date':
      return { date: watched.localDate };
    default:
      return 'unknown';
  }
};
