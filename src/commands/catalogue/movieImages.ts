import { pathFields } from '../../domain/images/artwork.js';
import type { ImageKind } from '../../domain/movie/events.js';
import type { CommandCall } from '../handling/call.js';
import type { CommandServices } from '../handling/services.js';
import type { ImageProvider, ImageStore } from '../ports/images.js';
import { changeAttachment } from './attachments.js';
import { movieStateOf } from './movieState.js';

const storeMovieImage = changeAttachment('StoreMovieImage');

/** What became of fetching a picture. */
export type FetchedImage =
  | 'stored'
  /** It is here already. */
  | 'unchanged'
  /** The film names none, or has one of a person's own. */
  | 'none-wanted'
  /** The film is no longer in the catalogue. */
  | 'gone';

/** Fetches a picture that a film names and has not. Done twice it changes nothing the second time. */
export const fetchMovieImage = async (
  services: CommandServices,
  call: CommandCall & { readonly signal: AbortSignal },
  { images, provider }: { readonly images: ImageStore; readonly provider: ImageProvider },
  { movieId, image: kind }: { readonly movieId: string; readonly image: ImageKind },
): Promise<FetchedImage> => {
  const { signal } = call;
  const state = await movieStateOf(services, movieId, signal);
  if (state.status !== 'live') return 'gone';
  const source = state.details[pathFields[kind]];
  if (source === undefined) return 'none-wanted';
  const there = state.artwork[kind];
  if (there?.source === source && (await images.has(there.hash))) return 'unchanged';
  const stored = await images.store(await provider.download(source, kind, signal), signal);
  const outcome = await storeMovieImage(services, call, { movieId, kind, source, ...stored });
  return outcome.appended > 0 ? 'stored' : 'unchanged';
};
