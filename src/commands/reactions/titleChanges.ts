import type { DomainEvent } from '../../domain/eventTypes.js';
import type { MovieChanges, MovieField } from '../../domain/movie/events.js';
import type { ViewingEvent } from '../../domain/viewing/events.js';
import {
  allFacts,
  factsKnown,
  factsLackingIn,
  factsMask,
  type TitleFact,
} from '../../domain/viewing/titleFacts.js';
import { idsOf, type ExternalIds } from '../catalogue/externalIds.js';
import type { RecordedEvent } from '../ports/eventStore.js';
import type { FilmChange, NameChange, TitleChanges, ViewerChange } from '../ports/titleViewers.js';

const filmEvents = [
  ...(['MovieImported', 'MovieMetadataRefreshed', 'MovieDetailsEdited'] as const),
  ...(['MovieRemoved', 'MovieRestored'] as const),
] as const;
const viewingEvents = [
  ...(['MovieWatched', 'TitleRated', 'ReviewWritten', 'FavoriteAdded'] as const),
  ...(['WatchlistAdded', 'WatchStateSet', 'TitleFactsLearnt'] as const),
  ...(['ViewingMoved', 'ViewingAdopted'] as const),
] as const;

/** The events that change what is known of titles, or who has to do with them. */
export const titleEvents = [...filmEvents, ...viewingEvents] as const;

type EventOf<Type extends DomainEvent['type']> = Extract<DomainEvent, { type: Type }>;
type FilmEvent = EventOf<(typeof filmEvents)[number]>;

/** The domain event store checked the data. */
const isOf = <Type extends DomainEvent['type']>(
  types: readonly Type[],
  event: RecordedEvent,
): event is RecordedEvent & EventOf<Type> => (types as readonly string[]).includes(event.type);

/** The fields of a film that make the facts of a snapshot. */
const factOf: Readonly<Partial<Record<MovieField, TitleFact>>> = {
  ...({ title: 'title', runtimeMinutes: 'runtimeMinutes', genres: 'genres' } as const),
  ...({ year: 'releaseYear', releaseDate: 'releaseDate', countries: 'countries' } as const),
  ...({ communityRating: 'voteAverage', originalLanguage: 'originalLanguage' } as const),
  ...({ directors: 'directors', studios: 'studios', cast: 'actors' } as const),
};

/** What events come to, one entry for each film, each name and each person. */
export const changesBy = (events: readonly RecordedEvent[]): TitleChanges => {
  const changes = new ChangeCollector();
  for (const event of events) {
    if (isOf(filmEvents, event)) changes.film(event);
    else if (isOf(viewingEvents, event)) changes.viewing(event);
  }
  return changes.all;
};

/** Folds the events of a page, one after the other. */
class ChangeCollector {
  readonly #films = new Map<string, FilmChange>();
  readonly #names = new Map<string, NameChange>();
  readonly #viewers = new Map<string, ViewerChange>();

  get all(): TitleChanges {
    return {
      films: [...this.#films.values()],
      names: [...this.#names.values()],
      viewers: [...this.#viewers.values()],
    };
  }

  film(event: FilmEvent): void {
    const { movieId } = event.data;
    const film = this.#films.get(movieId) ?? { filmId: movieId, learnt: 0, cleared: 0 };
    switch (event.type) {
      case 'MovieImported':
        this.#films.set(movieId, { ...after(film, event.data), live: true });
        this.#nameFilm(movieId, { tmdbId: null, imdbId: null, tvdbId: null, ...event.data });
        // It is called by its names from now on.
        this.#name({ titleId: movieId, provider: 'own', name: null, pending: false });
        break;
      case 'MovieMetadataRefreshed':
      case 'MovieDetailsEdited':
        this.#films.set(movieId, after(film, event.data.changes));
        this.#nameFilm(movieId, event.data.changes);
        break;
      case 'MovieRemoved':
        this.#films.set(movieId, { ...film, live: false });
        break;
      case 'MovieRestored':
        this.#films.set(movieId, { ...film, live: true });
        break;
      default:
        event satisfies never;
    }
  }

  viewing({ type, data }: ViewingEvent): void {
    const { userId, titleId } = data;
    switch (type) {
      case 'TitleFactsLearnt': {
        const stays = ~factsMask(factsKnown(allFacts, data.snapshot));
        this.#viewer(userId, titleId, (viewer) => ({
          ...viewer,
          keep: viewer.keep & stays,
          lacks: viewer.lacks & stays,
        }));
        break;
      }
      case 'ViewingMoved':
        this.#viewer(userId, titleId, () => ({ keep: 0, lacks: 0, movedTo: data.movedTo }));
        break;
      case 'ViewingAdopted':
        this.#viewer(userId, titleId, ({ arrived: _, ...viewer }) => ({
          ...viewer,
          movedTo: null,
        }));
        this.#viewer(userId, data.movedFrom, () => ({ keep: 0, lacks: 0, arrived: true }));
        break;
      default:
        this.#viewer(userId, titleId, (viewer) => ({
          ...viewer,
          lacks: viewer.lacks | factsMask(factsLackingIn(data)),
        }));
        if ('metadataPending' in data) this.#namePending(titleId, data.externalIds ?? {});
    }
  }

  #viewer(
    userId: string,
    titleId: string,
    change: (
      viewer: Omit<ViewerChange, 'userId' | 'titleId'>,
    ) => Omit<ViewerChange, 'userId' | 'titleId'>,
  ): void {
    const key = `${userId} ${titleId}`;
    const before = this.#viewers.get(key) ?? { keep: ~0, lacks: 0 };
    this.#viewers.set(key, { userId, titleId, ...change(before) });
  }

  /** Of names that the changes do not speak of nothing is said. */
  #nameFilm(titleId: string, told: MovieChanges): void {
    const names = idsOf(told);
    for (const [provider, field] of providers) {
      if (told[field] === undefined) continue;
      this.#name({ titleId, provider, name: names[provider], pending: false });
    }
  }

  #namePending(titleId: string, told: ExternalIds): void {
    const names = idsOf(told);
    this.#name({ titleId, provider: 'own', name: titleId, pending: true });
    for (const [provider] of providers) {
      const name = names[provider];
      if (name !== null) this.#name({ titleId, provider, name, pending: true });
    }
  }

  #name(change: NameChange): void {
    const { titleId, pending } = change;
    // Recorded just after the catalogue got the film.
    if (pending && this.#films.has(titleId)) return;
    this.#names.set(`${titleId} ${change.provider}`, change);
  }
}

const providers = [
  ['tmdb', 'tmdbId'],
  ['imdb', 'imdbId'],
  ['tvdb', 'tvdbId'],
] as const;

const after = (film: FilmChange, changes: MovieChanges): FilmChange => {
  const learnt: TitleFact[] = [];
  const cleared: TitleFact[] = [];
  for (const [field, value] of Object.entries(changes)) {
    const fact = factOf[field as MovieField];
    if (fact === undefined) continue;
    const isKnown = Array.isArray(value) ? value.length > 0 : value != null;
    (isKnown ? learnt : cleared).push(fact);
  }
  const [set, unset] = [factsMask(learnt), factsMask(cleared)];
  return {
    ...film,
    learnt: (film.learnt & ~unset) | set,
    cleared: (film.cleared & ~set) | unset,
  };
};
