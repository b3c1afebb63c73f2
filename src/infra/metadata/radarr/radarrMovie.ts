import type { FoundFilm } from '../../../commands/ports/movieProvider.js';
import type { KeptFilm } from '../../../commands/ports/mediaManager.js';
import { ratingLevelOf } from '../../../domain/movie/contentRating.js';
import type { MovieDetails } from '../../../domain/movie/events.js';
import { isRecord } from '../../../domain/record.js';
import { amountIn, listIn, recordIn, textIn, textsIn, type Answer } from '../answers.js';
import { fits, soundDetails } from '../soundDetails.js';
import { fileIn } from './radarrFile.js';
import { languageCodeOf } from './languageNames.js';

/**
 * A film's details from a MovieResource of Radarr's. What a field cannot hold is left out, and the rest kept.
 * @param country whose age ratings are shown: Radarr does not say of which country its own are
 * @returns `undefined` where there is not so much as a title
 */
export const detailsOf = (movie: Answer, country: string): MovieDetails | undefined => {
  const certification = textIn(movie, 'certification');
  const ratingLevel =
    certification === undefined ? undefined : ratingLevelOf(country, certification);
  const ratings = recordIn(movie, 'ratings');
  const tmdb = recordIn(ratings, 'tmdb');
  const voteCount = amountIn(tmdb, 'votes');
  const studio = textIn(movie, 'studio');
  return soundDetails({
    title: textIn(movie, 'title') ?? textIn(movie, 'originalTitle'),
    originalTitle: textIn(movie, 'originalTitle'),
    alternativeTitles: textsIn(
      listIn(movie, 'alternateTitles').filter(({ title }) => fits('title', title)),
      'title',
      100,
    ),
    overview: textIn(movie, 'overview'),
    releaseDate: releaseDateIn(movie),
    year: amountIn(movie, 'year'),
    runtimeMinutes: amountIn(movie, 'runtime'),
    // One that is not of the country would be told as if it were.
    contentRating: ratingLevel === undefined ? undefined : certification,
    ratingLevel,
    communityRating: voteCount === undefined ? undefined : amountIn(tmdb, 'value'),
    voteCount,
    criticRating:
      amountIn(recordIn(ratings, 'rottenTomatoes'), 'value') ??
      amountIn(recordIn(ratings, 'metacritic'), 'value'),
    originalLanguage: languageCodeOf(textIn(recordIn(movie, 'originalLanguage'), 'name')),
    status: movie.status === 'released' || movie.status === 'inCinemas' ? 'Released' : undefined,
    genres: linesIn(movie, 'genres', 50),
    studios: studio === undefined ? undefined : [studio],
    keywords: linesIn(movie, 'keywords', 200),
    posterPath: tmdbImageIn(movie, 'poster'),
    backdropPath: tmdbImageIn(movie, 'fanart'),
    logoPath: tmdbImageIn(movie, 'clearlogo'),
    tmdbId: amountIn(movie, 'tmdbId'),
    imdbId: textIn(movie, 'imdbId'),
  });
};

/** In cinemas, else at home: a time in UTC of which the day counts. The year 1 is .NET's for no time at all. */
const releaseDateIn = (movie: Answer): string | undefined => {
  const day = (field: string): string | undefined => {
    const date = textIn(movie, field)?.slice(0, 10);
    return date?.startsWith('0001-') ? undefined : date;
  };
  const atHome = [day('digitalRelease'), day('physicalRelease')].filter((one) => one !== undefined);
  return day('inCinemas') ?? atHome.sort()[0];
};

/** Text in a list of texts, each once. */
const linesIn = (movie: Answer, field: string, most: number): readonly string[] | undefined => {
  const value = movie[field];
  return Array.isArray(value)
    ? textsIn(
        value.map((text: unknown) => ({ text })),
        'text',
        most,
      )
    : undefined;
};

/** What TMDb calls a picture that Radarr has from there; pictures of others cannot be had by such a name. */
const tmdbImageIn = (movie: Answer, type: string): string | undefined => {
  const image = listIn(movie, 'images').find(({ coverType }) => coverType === type);
  const url = image && textIn(image, 'remoteUrl');
  return url === undefined
    ? undefined
    : /^https:\/\/image\.tmdb\.org\/t\/p\/\w+(\/[\w.-]+)$/.exec(url)?.[1];
};

/** A film of Radarr's library; why it is none, where it says too little. */
export const keptFilmOf = (
  movie: unknown,
  country: string,
): { readonly film: KeptFilm } | { readonly entry: string; readonly why: string } => {
  if (!isRecord(movie)) return { entry: JSON.stringify(movie).slice(0, 100), why: 'it is no film' };
  const entry = `${textIn(movie, 'title') ?? 'without a title'} (Radarr's ${String(movie.id)})`;
  const details = detailsOf(movie, country);
  if (details?.tmdbId === undefined) {
    return { entry, why: details ? 'it has no id of TMDb' : 'it has no title' };
  }
  const file = fileIn(recordIn(movie, 'movieFile'), textIn(movie, 'path'));
  const { tmdbId } = details;
  return { film: { details: { ...details, tmdbId }, ...(file ? { file } : {}) } };
};

/** A film that Radarr found, if it is one that its library has. */
export const foundIn = (movie: Answer): FoundFilm | undefined => {
  const details = detailsOf(movie, '');
  if (amountIn(movie, 'id') === undefined || details?.tmdbId === undefined) return undefined;
  const { title, originalTitle, year, tmdbId, imdbId, releaseDate, overview } = details;
  const { originalLanguage, posterPath } = details;
  return {
    tmdbId,
    title,
    ...(originalTitle === undefined ? {} : { originalTitle }),
    ...(year === undefined ? {} : { year }),
    ...(imdbId === undefined ? {} : { imdbId }),
    ...(releaseDate === undefined ? {} : { releaseDate }),
    ...(overview === undefined ? {} : { overview }),
    ...(originalLanguage === undefined ? {} : { originalLanguage }),
    ...(posterPath === undefined ? {} : { posterPath }),
  };
};
