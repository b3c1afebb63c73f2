import { derivedId, movieIdOf } from '../../../src/domain/streams.js';
import type { ClientViewingCommand, ViewingContext } from '../../../src/domain/viewing/commands.js';
import type { ViewingState } from '../../../src/domain/viewing/state.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import type { HttpRequest } from '../service/httpClient.js';
import type { Chance } from '../histories/seededChance.js';
import { snapshotOf } from '../histories/viewingEvents.js';

/** What the service said to a command that it took. */
export interface Acknowledged {
  readonly status: number;
  /** Where the log has its last event; none where nothing was left to be done. */
  readonly position: bigint | undefined;
}

/** One command of one client, with what it must leave in the log. */
export interface Deed {
  readonly request: HttpRequest;
  /** Its events bear it, and no others. */
  readonly correlationId: string;
  /** The types of its events, in order, if it is done. */
  readonly events: readonly string[];
  /** Somebody else may have done it already, so that nothing is left to be done. */
  readonly shared: boolean;
  /** An answer will be asked for until it is there; else it is tried once. */
  readonly insists: boolean;
  acknowledged?: Acknowledged;
  /** For whoever plans the next deeds. */
  settled(done: boolean): void;
}

/** A film as its one client knows it. */
interface Film {
  readonly id: string;
  readonly title: string;
  readonly runtimeMinutes: number;
  viewing: ViewingState;
  /** The evening on which it was watched last by the clock, for a second report of the same. */
  evening: string | undefined;
}

/** A command on a film: what is sent, what it appends, and how the film is then. */
interface Step {
  readonly method: string;
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  readonly then: (film: Film) => void;
}

const FIRST_DAY = Date.UTC(2005, 0, 1);
const DAY_MS = 86_400_000;
const THREE_MINUTES_MS = 180_000;
/** Long after all watches that are told of. */
const NOW = '2026-01-01T00:00:00.000Z';

/** Each day once, so that amending a play changes something, and day after day, so that there are streaks. */
interface Days {
  next(): string;
}

type Told = ClientViewingCommand extends infer Each
  ? Each extends ClientViewingCommand
    ? Omit<Each, 'context'>
    : never
  : never;

/** What a command on the film must append, as the domain decides it. */
const stepOf = (
  film: Film,
  request: Pick<Step, 'method' | 'path' | 'body'>,
  told: Told,
  evening: string | null | undefined = film.evening,
): Step => {
  const userId = derivedId('test:client');
  const context: ViewingContext = {
    ...{ now: NOW, userId, titleId: film.id, zone: 'UTC' },
    playId: told.type === 'RecordWatchEvent' ? (told.data.playId ?? userId) : userId,
    title: snapshotOf({ title: film.title, runtimeMinutes: film.runtimeMinutes }),
  };
  const decision = viewingDecider.decide({ ...told, context }, film.viewing);
  if ('rejected' in decision) throw new Error(`planned in vain: ${decision.rejected.message}`);
  const { accepted } = decision;
  return {
    ...request,
    events: accepted.map(({ type }) => type),
    then: (seen) => {
      seen.viewing = accepted.reduce(viewingDecider.evolve, seen.viewing);
      seen.evening = evening ?? undefined;
    },
  };
};

const watch = (film: Film, chance: Chance, days: Days): Step => {
  const date = days.next();
  const evening = `${date}T19:00:00.000Z`;
  const byClock = chance.fraction() < 0.4;
  const body = {
    ...{ playId: chance.uuid(), watched: byClock ? { at: evening } : { date } },
    ...(chance.fraction() < 0.4 ? { rating: another(film.viewing.rating, chance) } : {}),
    ...(chance.fraction() < 0.3 ? { note: `With friends, ${date}` } : {}),
  };
  return stepOf(
    film,
    { method: 'POST', path: '/watches', body },
    { type: 'RecordWatchEvent', data: body },
    byClock ? evening : film.evening,
  );
};

/** The player reports what the person has recorded by hand. */
const reportAgain = (film: Film, chance: Chance): Step | undefined => {
  if (film.evening === undefined) return undefined;
  const at = new Date(Date.parse(film.evening) + THREE_MINUTES_MS).toISOString();
  const body = { playId: chance.uuid(), source: 'playback' as const, watched: { at } };
  return stepOf(
    film,
    { method: 'POST', path: '/watches', body },
    { type: 'RecordWatchEvent', data: body },
    // Once.
    null,
  );
};

const onPlay = (
  film: Film,
  chance: Chance,
  isRemoved: boolean,
  make: (playId: string, path: string) => Step,
): Step | undefined => {
  const ids = [...film.viewing.plays.values()]
    .filter(
      ({ source, removedAt }) => source === 'manual' && (removedAt !== undefined) === isRemoved,
    )
    .map(({ id }) => id);
  if (ids.length === 0) return undefined;
  const playId = chance.pick(ids);
  return make(playId, `/watches/${playId}`);
};

const amend = (film: Film, chance: Chance, days: Days): Step | undefined =>
  onPlay(film, chance, false, (playId, path) => {
    const body = { watched: { date: days.next() } };
    const data = { movieId: film.id, playId, ...body };
    return stepOf(film, { method: 'PATCH', path, body }, { type: 'AmendWatch', data });
  });

const remove = (film: Film, chance: Chance): Step | undefined =>
  onPlay(film, chance, false, (playId, path) => {
    const data = { movieId: film.id, playId };
    return stepOf(film, { method: 'DELETE', path }, { type: 'RemoveWatch', data });
  });

const restore = (film: Film, chance: Chance): Step | undefined =>
  onPlay(film, chance, true, (playId, path) => {
    const data = { movieId: film.id, playId };
    const request = { method: 'POST', path: `${path}/restore` };
    return stepOf(film, request, { type: 'RestoreWatch', data });
  });

const rate = (film: Film, chance: Chance): Step => {
  const rating = another(film.viewing.rating, chance);
  const body = {
    rating,
    ...(chance.fraction() < 0.5 ? { review: `${film.title}: ${chance.uuid()}` } : {}),
  };
  const data = { movieId: film.id, ...body };
  return stepOf(film, { method: 'PUT', path: '/rating', body }, { type: 'RateMovie', data });
};

const favor = (film: Film): Step => {
  const data = { movieId: film.id };
  return film.viewing.favorite
    ? stepOf(film, { method: 'DELETE', path: '/favorite' }, { type: 'RemoveFromFavorites', data })
    : stepOf(film, { method: 'PUT', path: '/favorite' }, { type: 'AddToFavorites', data });
};

const unwish = (film: Film): Step | undefined => {
  const data = { movieId: film.id };
  return film.viewing.wish === undefined
    ? undefined
    : stepOf(film, { method: 'DELETE', path: '/watchlist' }, { type: 'RemoveFromWatchlist', data });
};

/** On hold, and back on the list. */
const holdOrWish = (film: Film): Step => {
  const isHeld = film.viewing.mark !== undefined;
  const body = { state: isHeld ? ('want_to_watch' as const) : ('on_hold' as const) };
  const data = { movieId: film.id, ...body };
  return stepOf(
    film,
    { method: 'PUT', path: '/watch-state', body },
    { type: 'SetWatchState', data },
  );
};

const edit = (_: Film, chance: Chance): Step => ({
  ...{ method: 'PATCH', path: '', events: ['MovieDetailsEdited'] },
  body: chance.pick([
    { imdbId: `tt${chance.between(10_000_000, 99_999_999)}` },
    { tagline: chance.uuid(), genres: [chance.pick(['Drama', 'Noir', 'Western'])] },
  ]),
  then: () => undefined,
});

const steps = [watch, watch, reportAgain, amend, remove, restore, rate, favor, unwish] as const;
const rarer = [holdOrWish, holdOrWish, edit] as const;

/** A rating that is not the one there is. */
const another = (present: number | undefined, chance: Chance): number =>
  chance.pick([0.5, 3, 5.5, 7, 8.5, 9.1, 10].filter((rating) => rating !== present));

/** Films that all clients deal with, by TMDB's numbers. */
const SHARED = Array.from({ length: 5 }, (_, nth) => 900_001 + nth);
/** So many films of its own a client deals with at a time. */
const FILMS = 6;
/**
 * What one client does, one thing after the other: it imports films of its own and does everything with them
 * that can be done, and now and then watches or imports one that all others do, too.
 */
export const deedsOf = (lane: number, chance: Chance): { next(): Deed } => {
  const films: Film[] = [];
  let imported = 0;
  let day = 0;
  const days: Days = {
    next: () => new Date(FIRST_DAY + (day += 1) * DAY_MS).toISOString().slice(0, 10),
  };

  const deed = (
    request: Omit<HttpRequest, 'headers'>,
    events: readonly string[],
    settled: (done: boolean) => void,
    { shared = false, keyed = true } = {},
  ): Deed => {
    const correlationId = chance.uuid();
    return {
      request: {
        ...request,
        path: `/api/v1${request.path}`,
        headers: {
          'X-Correlation-Id': correlationId,
          ...(keyed ? { 'Idempotency-Key': `key-${correlationId}` } : {}),
        },
      },
      ...{ correlationId, events, shared, settled },
      insists: chance.fraction() < 0.85,
    };
  };

  const importFilm = (): Deed => {
    const tmdbId = lane * 1_000 + (imported += 1);
    const title = `Film ${imported} of client ${lane}`;
    const runtimeMinutes = chance.between(60, 200);
    const body = {
      ...{ tmdbId, title, runtimeMinutes, genres: ['Drama'] },
      releaseDate: `${chance.between(1930, 2020)}-05-01`,
    };
    return deed({ method: 'POST', path: '/movies', body }, ['MovieImported'], (done) => {
      if (!done) return;
      films.push({
        ...{ id: movieIdOf('tmdb', tmdbId), title, runtimeMinutes, evening: undefined },
        viewing: viewingDecider.initialState,
      });
      if (films.length > FILMS) films.shift();
    });
  };

  const together = (): Deed => {
    const tmdbId = chance.pick(SHARED);
    return chance.fraction() < 0.5
      ? deed(
          { method: 'POST', path: '/me/watches', body: { tmdbId } },
          ['MovieWatched'],
          () => undefined,
        )
      : deed(
          { method: 'POST', path: '/movies', body: { tmdbId, title: `Film ${tmdbId}` } },
          ['MovieImported'],
          () => undefined,
          { shared: true },
        );
  };

  const onFilm = (): Deed => {
    const film = chance.pick(films);
    for (;;) {
      const make = chance.pick(chance.fraction() < 0.8 ? steps : rarer);
      const step = make(film, chance, days);
      if (!step) continue;
      const { method, path, body, events } = step;
      const settled = (done: boolean): void => {
        if (done) step.then(film);
        // How it is with the film now is not known.
        else films.splice(films.indexOf(film), films.includes(film) ? 1 : 0);
      };
      return deed(
        { method, path: `/movies/${film.id}${path}`, ...(body ? { body } : {}) },
        events,
        settled,
        // A play's own id makes it safe to be recorded twice.
        { keyed: make !== watch || chance.fraction() < 0.7 },
      );
    }
  };

  return {
    next: () => {
      const kind = chance.fraction();
      if (films.length === 0 || kind < 0.1) return importFilm();
      return kind < 0.2 ? together() : onFilm();
    },
  };
};
