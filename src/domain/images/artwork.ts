import type { StoredImage } from './storedImage.js';
import type {
  ImageKind,
  MovieChanges,
  MovieFacts,
  MovieEvent,
  MovieField,
} from '../movie/events.js';

/** Where a person's own picture comes from; a provider's has its path there. */
export const UPLOAD = 'upload';

/** The field that names the provider's picture of each kind. */
export const pathFields = {
  poster: 'posterPath',
  backdrop: 'backdropPath',
  logo: 'logoPath',
} as const satisfies Record<ImageKind, MovieField>;

/** A film's pictures that are stored. */
export type Artwork = Readonly<
  Partial<Record<ImageKind, StoredImage & { readonly source: string }>>
>;

type ImageEvent = Extract<MovieEvent, { type: 'MovieImageStored' | 'MovieImageRemoved' }>;

interface Pictured {
  readonly details: MovieFacts;
  readonly locked: readonly MovieField[];
  readonly artwork: Artwork;
}

/**
 * A film after an event about one of its pictures. What a person decides on stands in place of the provider's picture,
 * whose path is forgotten and locked: unlocking it lets a refresh bring the provider's again.
 */
export const afterImageEvent = (
  { details, locked, artwork }: Pictured,
  event: ImageEvent,
): Pictured => {
  const { kind } = event.data;
  const field = pathFields[kind];
  const { [kind]: _, ...others } = artwork;
  if (event.type === 'MovieImageStored') {
    const { movieId: __, kind: ___, ...image } = event.data;
    const after = { ...others, [kind]: image };
    if (image.source !== UPLOAD) return { details, locked, artwork: after };
    return { ...ownInstead({ details, locked }, field), artwork: after };
  }
  return { ...ownInstead({ details, locked }, field), artwork: others };
};

const ownInstead = (
  { details, locked }: Pick<Pictured, 'details' | 'locked'>,
  field: (typeof pathFields)[ImageKind],
): Pick<Pictured, 'details' | 'locked'> => {
  const { [field]: _, ...rest } = details;
  return { details: rest, locked: locked.includes(field) ? locked : [...locked, field] };
};

/** Without the provider's pictures whose path was cleared; until another one is stored, the old one stays. */
export const withoutCleared = (artwork: Artwork, changes: MovieChanges): Artwork =>
  Object.fromEntries(
    Object.entries(artwork).filter(
      ([kind, { source }]) => source === UPLOAD || changes[pathFields[kind as ImageKind]] !== null,
    ),
  );
