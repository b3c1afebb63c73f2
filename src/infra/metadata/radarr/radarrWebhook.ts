import { Type, type Static, type TSchema } from 'typebox';
import type { MovieFile } from '../../../domain/movie/files/movieFile.js';
import type { MovieDetails } from '../../../domain/movie/events.js';
import { SAYS } from '../../../domain/schemas.js';
import { validator, type Validation } from '../../../domain/validation.js';
import { amountIn, listIn, recordIn, textIn, type Answer } from '../answers.js';
import { soundDetails } from '../soundDetails.js';
import { fileIdOf, fileIn } from './radarrFile.js';

/** A film as webhooks tell of it. */
export type NotedFilm = MovieDetails & { readonly tmdbId: number };

/** What a webhook of Radarr's means to the catalogue. */
export type RadarrNotice =
  | { readonly kind: 'added'; readonly film: NotedFilm }
  /** It was downloaded, upgraded, or renamed. */
  | {
      readonly kind: 'file';
      readonly film: NotedFilm;
      readonly file: MovieFile;
      readonly renamed: boolean;
    }
  | { readonly kind: 'file-gone'; readonly tmdbId: number; readonly fileId?: string }
  | { readonly kind: 'film-gone'; readonly tmdbId: number }
  /** Nothing that concerns the catalogue. */
  | { readonly kind: 'nothing'; readonly why: string };

const object = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: true });

const Movie = object({
  title: Type.String({ minLength: 1 }),
  tmdbId: Type.Integer({ minimum: 1, [SAYS]: 'must be the id of a film at TMDb' }),
});
const File = object({});

/** What each kind of event has to say, of all that it says; others are taken as they are. */
const bodies = {
  MovieAdded: object({ movie: Movie }),
  Download: object({ movie: Movie, movieFile: File }),
  Rename: object({ movie: Movie }),
  MovieFileDelete: object({ movie: Movie }),
  MovieDelete: object({ movie: Movie }),
} as const;

/** What every webhook of Radarr's says; see its source, NzbDrone.Core/Notifications/Webhook. */
export const RadarrWebhook = object({
  eventType: Type.String({
    minLength: 1,
    description: '`Download`, `MovieAdded`, `MovieDelete`, `Test`, …',
  }),
});

const checkEvent = validator(RadarrWebhook);
const checks = {
  MovieAdded: validator(bodies.MovieAdded),
  Download: validator(bodies.Download),
  Rename: validator(bodies.Rename),
  MovieFileDelete: validator(bodies.MovieFileDelete),
  MovieDelete: validator(bodies.MovieDelete),
} as const;

type Told = Static<typeof Movie> & Answer;

/** Reads the body of a webhook. Of what concerns the catalogue the fields that are needed have to be there. */
export const radarrNotice = (body: unknown): Validation<RadarrNotice> => {
  const event = checkEvent(body);
  if (!event.ok) return event;
  const { eventType } = event.value;
  switch (eventType) {
    case 'MovieAdded':
      return noticeOf(checks[eventType](body), ({ movie }) => ({
        ...{ kind: 'added', film: filmOf(movie) },
      }));
    case 'Download':
      return noticeOf(checks[eventType](body), ({ movie, ...rest }) => {
        const file = fileIn(recordIn(rest, 'movieFile'), folderOf(movie));
        return attached(movie, file, { renamed: false });
      });
    case 'Rename':
      return noticeOf(checks[eventType](body), ({ movie, ...rest }) => {
        const [renamed = {}] = listIn(rest, 'renamedMovieFiles');
        return attached(movie, fileIn(renamed, folderOf(movie)), { renamed: true });
      });
    case 'MovieFileDelete':
      return noticeOf(checks[eventType](body), ({ movie: { tmdbId }, ...rest }) => {
        if (textIn(rest, 'deleteReason')?.toLowerCase() === 'upgrade') {
          return { kind: 'nothing', why: 'a better file takes its place' };
        }
        const fileId = fileIdOf(recordIn(rest, 'movieFile'));
        return { kind: 'file-gone', tmdbId, ...(fileId === undefined ? {} : { fileId }) };
      });
    case 'MovieDelete':
      return noticeOf(checks[eventType](body), ({ movie: { tmdbId } }) => ({
        ...{ kind: 'film-gone', tmdbId },
      }));
    default:
      return { ok: true, value: { kind: 'nothing', why: 'it is about nothing in the catalogue' } };
  }
};

const noticeOf = <Body>(
  checked: Validation<Body>,
  read: (body: Body) => RadarrNotice,
): Validation<RadarrNotice> => (checked.ok ? { ok: true, value: read(checked.value) } : checked);

const attached = (
  movie: Told,
  file: MovieFile | undefined,
  { renamed }: { readonly renamed: boolean },
): RadarrNotice =>
  file
    ? { kind: 'file', film: filmOf(movie), file, renamed }
    : { kind: 'nothing', why: 'it does not say where the file is' };

const folderOf = (movie: Told): string | undefined => textIn(movie, 'folderPath');

/** Its `releaseDate` is that of the disc: the date of the film is looked up. */
const filmOf = (movie: Told): NotedFilm => ({
  title: movie.title,
  ...soundDetails({
    title: movie.title,
    year: amountIn(movie, 'year'),
    imdbId: textIn(movie, 'imdbId'),
  }),
  tmdbId: movie.tmdbId,
});
