import { movieCredits } from '../../../queries/catalogue/credits.js';
import { genres } from '../../../queries/catalogue/genres.js';
import { movieFacets } from '../../../queries/catalogue/lists/facets.js';
import { keywords, studios } from '../../../queries/catalogue/lists/names.js';
import { similarMovies } from '../../../queries/catalogue/lists/similar.js';
import { movie } from '../../../queries/catalogue/movie.js';
import { movieRatings } from '../../../queries/catalogue/movieRatings.js';
import { movies } from '../../../queries/catalogue/movies.js';
import { person } from '../../../queries/catalogue/person.js';
import { complete } from '../../../queries/catalogue/search/complete.js';
import { search } from '../../../queries/catalogue/search/search.js';
import { commandRoute, imageRoute, queryRoute, type Route } from '../route.js';

const tag = 'Films';

/** The catalogue. */
export const movieRoutes: readonly Route[] = [
  // Before the films by their ids.
  queryRoute({
    path: '/movies/facets',
    operationId: 'countMovies',
    summary: 'Count films, in all and by genre, decade, studio and language',
    tag,
    query: movieFacets,
  }),
  queryRoute({
    path: '/movies/{movieId}',
    operationId: 'getMovie',
    summary: 'One film',
    tag,
    query: movie,
    missing: 'There is no such film.',
  }),
  queryRoute({
    path: '/movies',
    operationId: 'listMovies',
    summary: 'List, sort, filter and search films',
    tag,
    query: movies,
  }),
  queryRoute({
    path: '/movies/{movieId}/similar',
    operationId: 'listSimilarMovies',
    summary: 'Films like a film, and what they share with it',
    tag,
    query: similarMovies,
    missing: 'There is no such film.',
  }),
  queryRoute({ path: '/genres', operationId: 'listGenres', summary: 'Genres', tag, query: genres }),
  queryRoute({
    path: '/studios',
    operationId: 'listStudios',
    summary: 'Studios with the number of their films',
    tag,
    query: studios,
  }),
  queryRoute({
    path: '/keywords',
    operationId: 'listKeywords',
    summary: 'Keywords with the number of their films',
    tag,
    query: keywords,
  }),
  queryRoute({
    path: '/movies/{movieId}/ratings',
    operationId: 'getMovieRatings',
    summary: 'Count and mean of all ratings of a film',
    tag,
    query: movieRatings,
    missing: 'There is no such film.',
  }),
  queryRoute({
    path: '/movies/{movieId}/credits',
    operationId: 'getMovieCredits',
    summary: 'The cast and crew of a film',
    tag,
    query: movieCredits,
    missing: 'There is no such film.',
  }),
  queryRoute({
    path: '/people/{personId}',
    operationId: 'getPerson',
    summary: 'A person, their films and how old they were',
    tag,
    query: person,
    missing: 'There is no such person.',
  }),
  queryRoute({
    path: '/search',
    operationId: 'search',
    summary: 'Search films and people, here and at TMDb',
    tag,
    query: search,
  }),
  queryRoute({
    path: '/search/complete',
    operationId: 'completeSearch',
    summary: 'What a text that is being typed may become',
    tag,
    query: complete,
  }),
  commandRoute({
    method: 'post',
    path: '/movies',
    operationId: 'importMovie',
    summary: 'Import a film; one that is known already is found by its external ids',
    tag,
    command: 'ImportMovie',
    success: 201,
    location: (id) => `/api/v1/movies/${id}`,
  }),
  commandRoute({
    method: 'patch',
    path: '/movies/{movieId}',
    operationId: 'editMovie',
    summary: 'Edit details; the fields named become locked, null clears one',
    tag,
    command: 'EditMovieDetails',
    bodyIs: 'changes',
  }),
  commandRoute({
    method: 'post',
    path: '/movies/{movieId}/unlock',
    operationId: 'unlockMovieFields',
    summary: 'Let metadata refresh edited fields again',
    tag,
    command: 'UnlockFields',
  }),
  commandRoute({
    method: 'post',
    path: '/movies/{movieId}/refresh',
    operationId: 'refreshMovie',
    summary: 'Refresh metadata; locked fields stay',
    tag,
    command: 'RefreshMovieMetadata',
  }),
  imageRoute({
    method: 'put',
    path: '/movies/{movieId}/images/{kind}',
    operationId: 'setMovieImage',
    summary: 'Set a picture of your own, in place of the one that is looked up',
    tag,
    command: 'StoreMovieImage',
  }),
  commandRoute({
    method: 'delete',
    path: '/movies/{movieId}/images/{kind}',
    operationId: 'removeMovieImage',
    summary: 'Take a picture away; none is looked up until the field of its path is unlocked',
    tag,
    command: 'RemoveMovieImage',
    success: 204,
  }),
  commandRoute({
    method: 'delete',
    path: '/movies/{movieId}',
    operationId: 'removeMovie',
    summary: 'Remove a film from the catalogue; people keep their history',
    tag,
    command: 'RemoveMovie',
    success: 204,
  }),
  commandRoute({
    method: 'post',
    path: '/movies/{movieId}/restore',
    operationId: 'restoreMovie',
    summary: 'Bring a removed film back',
    tag,
    command: 'RestoreMovie',
  }),
];
