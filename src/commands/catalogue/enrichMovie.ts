import { mergedDetails, wantedFilmOf, wantsEnrichment } from '../../domain/movie/enrichment.js';
import type { MovieChanges, MovieDetails, MovieFacts } from '../../domain/movie/events.js';
import type { MovieState } from '../../domain/movie/movie.js';
import { CommandRejected, type CommandOutcome } from '../command.js';
import type { CommandCall } from '../handling/call.js';
import type { CommandServices } from '../handling/services.js';
import { ProviderFailure, type MovieProvider } from '../ports/movieProvider.js';
import { filmsThatHave, namesOf } from './externalIds.js';
import { changeMovie, removeMovie } from './movieCommands.js';
import { movieStateOf } from './movieState.js';

/** What became of looking a film up. */
export type Enrichment =
  | 'enriched'
  /** The providers know no more than is known here. */
  | 'unchanged'
  /** No film of the providers' is meant surely enough. */
  | 'no-match'
  /** No provider knows the film's id, or no longer: what is known stays. */
  | 'unknown'
  /** The provider made it one with another film of the catalogue, which has its plays now. */
  | 'merged'
  /** The film is no longer in the catalogue. */
  | 'gone';

/** A film that was looked up. */
export interface EnrichedFilm {
  readonly outcome: Enrichment;
  /** The collection that it belongs to, by its id at TMDb. */
  readonly collectionTmdbId?: number;
}

const refreshMovie = changeMovie('RefreshMovieMetadata');

/**
 * Looks a film up and records what the providers know better; fields that a person edited stay as they are. Done twice
 * it changes nothing the second time.
 * @param providers in their order: what the first does not know, the next is asked for
 * @throws {ProviderFailure} something is missing that later there may be an answer to
 */
export const enrichMovie = async (
  services: CommandServices,
  call: CommandCall & { readonly signal: AbortSignal },
  providers: readonly MovieProvider[],
  movieId: string,
): Promise<EnrichedFilm> => {
  const { signal } = call;
  const state = await movieStateOf(services, movieId, signal);
  if (state.status !== 'live') return { outcome: 'gone' };
  const { details } = state;
  const asking = askEach(providers);
  const tmdbId = details.tmdbId ?? (await matched(asking, details, signal));
  const answers =
    tmdbId === undefined
      ? []
      : await asking.all((provider) => provider.getMovieMetadata(tmdbId, signal));
  const [failure] = asking.failures;
  const collection = answers.flatMap(({ answer }) => answer.collectionTmdbId ?? [])[0];
  const found = collection === undefined ? {} : { collectionTmdbId: collection };
  const known = mergedDetails(answers.map(({ answer: { collectionTmdbId: _, ...told } }) => told));
  if (!known) {
    if (failure) throw failure;
    return { outcome: tmdbId === undefined ? 'no-match' : 'unknown' };
  }
  const source = answers.map(({ provider }) => provider).join(', ');
  const isMerged = !failure && known.tmdbId !== tmdbId && known.imdbId !== undefined;
  const mayGo = known.imdbId === details.imdbId && !state.locked.some((field) => IDS.has(field));
  const into = isMerged && mayGo ? await otherWith(services, known, movieId) : undefined;
  if (into !== undefined) {
    await removeMovie(services, call, { movieId });
    // With the IMDb id that both have the plays come, too.
    await refresh(services, call, { movieId: into, source, changes: known });
    return { outcome: 'merged', ...found };
  }
  const changes = failure ? missingIn(state, known) : known;
  const outcome =
    Object.keys(changes).length === 0
      ? undefined
      : await refresh(services, call, { movieId, source, changes });
  if (failure && wantsEnrichment({ ...known, ...details })) throw failure;
  return { outcome: outcome && outcome.appended > 0 ? 'enriched' : 'unchanged', ...found };
};

/** What providers answer, one that is away apart: it does not keep the others from answering. */
const askEach = (providers: readonly MovieProvider[]) => {
  const failures: ProviderFailure[] = [];
  const asked = async <Answer>(
    provider: MovieProvider,
    ask: (provider: MovieProvider) => Promise<Answer | undefined>,
  ): Promise<readonly { readonly provider: string; readonly answer: Answer }[]> => {
    try {
      const answer = await ask(provider);
      return answer === undefined ? [] : [{ provider: provider.name, answer }];
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      failures.push(error);
      return [];
    }
  };
  return {
    failures,
    all: async <Answer>(ask: (provider: MovieProvider) => Promise<Answer | undefined>) =>
      (await Promise.all(providers.map((provider) => asked(provider, ask)))).flat(),
    /** The first answer; those behind it are not asked. */
    first: async <Answer>(
      ask: (provider: MovieProvider) => Promise<Answer | undefined>,
    ): Promise<Answer | undefined> => {
      for (const provider of providers) {
        const [found] = await asked(provider, ask);
        if (found) return found.answer;
      }
      return undefined;
    },
  };
};

const matched = async (
  asking: ReturnType<typeof askEach>,
  details: MovieFacts,
  signal: AbortSignal,
): Promise<number | undefined> =>
  (await asking.first((provider) => provider.matchMovie(wantedFilmOf(details), signal)))?.film
    .tmdbId;

/** Of a provider that is away the others cannot tell what it knows better: only what nobody told is taken. */
const missingIn = (
  { details, lists }: Extract<MovieState, { readonly status: 'live' | 'removed' }>,
  known: MovieDetails,
): MovieChanges => {
  const there = new Set([...Object.keys(details), ...Object.keys(lists)]);
  return Object.fromEntries(Object.entries(known).filter(([field]) => !there.has(field)));
};

const IDS: ReadonlySet<string> = new Set(['tmdbId', 'imdbId']);

/** Another film of the catalogue that has the TMDb id. */
const otherWith = async (
  services: CommandServices,
  { tmdbId }: MovieDetails,
  movieId: string,
): Promise<string | undefined> => {
  const names = namesOf(tmdbId === undefined ? {} : { tmdbId });
  const holders = await services.reservations.holders(names);
  const owners = new Map([...holders].map(([name, { owner }]) => [name, owner]));
  const [film] = (await filmsThatHave(services, owners, undefined)).values();
  return film === movieId ? undefined : film;
};

/** Where another film has one of the ids they stay with it; the rest is true of this one all the same. */
const refresh = async (
  services: CommandServices,
  call: CommandCall,
  data: { readonly movieId: string; readonly source: string; readonly changes: MovieChanges },
): Promise<CommandOutcome> => {
  try {
    return await refreshMovie(services, call, data);
  } catch (error) {
    const isTaken = error instanceof CommandRejected && error.failure.kind === 'already-exists';
    if (!isTaken) throw error;
    const { tmdbId: _, imdbId: __, tvdbId: ___, ...changes } = data.changes;
    return refreshMovie(services, call, { ...data, changes });
  }
};
