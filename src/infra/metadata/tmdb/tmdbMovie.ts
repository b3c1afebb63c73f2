import type { MovieDetails } from '../../../domain/movie/events.js';
import { ratingLevelOf } from '../../../domain/movie/contentRating.js';
import { WRITING_JOBS } from '../../../domain/person/wantedPeople.js';
import { collectionIdOf } from '../../../domain/streams.js';
import type { FoundFilm } from '../../../commands/ports/movieProvider.js';
import { amountIn, listIn, recordIn, textIn, textsIn, type Answer } from '../answers.js';
import { fits, soundDetails } from '../soundDetails.js';
import { castIn, crewIn, imagesIn, releasesIn, videosIn } from './tmdbLists.js';

/** What is asked for beside the details themselves. */
export const PARTS = 'alternative_titles,credits,images,keywords,release_dates,videos';

/**
 * A film's details from TMDb's answer. What a field cannot hold is left out, and the rest kept.
 * @param country whose rating the film's content rating is
 * @returns `undefined` where there is not so much as a title
 */
export const detailsOf = (answer: Answer, country: string): MovieDetails | undefined => {
  const credits = recordIn(answer, 'credits');
  const crew = listIn(credits, 'crew');
  const contentRating = ratingIn(answer, country);
  const collection = collectionIn(answer);
  const voteCount = amountIn(answer, 'vote_count');
  return soundDetails({
    title: textIn(answer, 'title') ?? textIn(answer, 'original_title'),
    originalTitle: textIn(answer, 'original_title'),
    alternativeTitles: alternativesIn(answer),
    tagline: textIn(answer, 'tagline'),
    overview: textIn(answer, 'overview'),
    releaseDate: textIn(answer, 'release_date'),
    runtimeMinutes: amountIn(answer, 'runtime'),
    contentRating,
    ratingLevel: contentRating === undefined ? undefined : ratingLevelOf(country, contentRating),
    budget: amountIn(answer, 'budget'),
    revenue: amountIn(answer, 'revenue'),
    communityRating: voteCount === undefined ? undefined : amountIn(answer, 'vote_average'),
    voteCount,
    originalLanguage: textIn(answer, 'original_language'),
    status: textIn(answer, 'status'),
    genres: textsIn(listIn(answer, 'genres'), 'name', 50),
    countries: textsIn(listIn(answer, 'production_countries'), 'iso_3166_1', 50),
    languages: textsIn(listIn(answer, 'spoken_languages'), 'iso_639_1', 50),
    directors: textsIn(
      crew.filter(({ job }) => job === 'Director'),
      'name',
      50,
    ),
    writers: textsIn(
      crew.filter(({ job }) => typeof job === 'string' && WRITING_JOBS.has(job)),
      'name',
      100,
    ),
    studios: textsIn(listIn(answer, 'production_companies'), 'name', 100),
    keywords: textsIn(listIn(recordIn(answer, 'keywords'), 'keywords'), 'name', 200),
    cast: castIn(credits),
    crew: crewIn(credits),
    videos: videosIn(answer),
    images: imagesIn(answer),
    releases: releasesIn(answer),
    posterPath: textIn(answer, 'poster_path'),
    backdropPath: textIn(answer, 'backdrop_path'),
    collectionId: collection === undefined ? undefined : collectionIdOf(collection),
    tmdbId: amountIn(answer, 'id'),
    imdbId: textIn(answer, 'imdb_id'),
  });
};

/** The collection that a film belongs to, by its id. */
export const collectionIn = (answer: Answer): number | undefined => {
  const id = amountIn(recordIn(answer, 'belongs_to_collection'), 'id');
  return id !== undefined && Number.isInteger(id) && id < 2 ** 31 ? id : undefined;
};

const alternativesIn = (answer: Answer): readonly string[] | undefined => {
  const titles = listIn(recordIn(answer, 'alternative_titles'), 'titles');
  return textsIn(
    titles.filter(({ title }) => fits('title', title)),
    'title',
    100,
  );
};

/** The rating in a country: of several, that of its cinemas (type 3), else the first. */
const ratingIn = (answer: Answer, country: string): string | undefined => {
  const there = listIn(recordIn(answer, 'release_dates'), 'results').find(
    ({ iso_3166_1 }) => iso_3166_1 === country,
  );
  const rated = listIn(there ?? {}, 'release_dates').filter(
    (release) => textIn(release, 'certification') !== undefined,
  );
  const [first] = rated;
  const shown = rated.find(({ type }) => type === 3) ?? first;
  return shown && textIn(shown, 'certification');
};

/** A film in the answer to a search; `undefined` where it has no id or title. */
export const foundIn = (answer: Answer): FoundFilm | undefined => {
  const details = detailsOf(answer, '');
  if (details?.tmdbId === undefined) return undefined;
  const { title, originalTitle, tmdbId, releaseDate, overview, originalLanguage, posterPath } =
    details;
  return {
    tmdbId,
    title,
    ...(originalTitle === undefined ? {} : { originalTitle }),
    ...(releaseDate === undefined ? {} : { releaseDate, year: Number(releaseDate.slice(0, 4)) }),
    ...(overview === undefined ? {} : { overview }),
    ...(originalLanguage === undefined ? {} : { originalLanguage }),
    ...(posterPath === undefined ? {} : { posterPath }),
  };
};
