import { Type, type Static } from 'typebox';
import { ImageKind } from '../../domain/movie/events.js';
import { Instant, Uuid } from '../../domain/schemas.js';

/** Every kind of work, and what is said of a piece of it. The names are stored in queues: they stay. */
export const workKinds = {
  /** Looks a film up at the providers. */
  'enrich-movie': Type.Object({ movieId: Uuid }),
  /** Looks a collection up at TMDb, by its id there. */
  'refresh-collection': Type.Object({
    tmdbId: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
  }),
  /** Runs a scheduled job, for the moment that it was due. */
  'run-job': Type.Object({ job: Type.String(), dueAt: Instant }),
  /** Imports a media manager's library, as was asked for under this id. */
  'import-library': Type.Object({ importId: Type.String({ pattern: '^[1-9][0-9]{0,17}$' }) }),
  /** Fetches a picture that a film names. */
  'store-image': Type.Object({ movieId: Uuid, image: ImageKind }),
} as const;

export type WorkKind = keyof typeof workKinds;
export type WorkAbout<Kind extends WorkKind> = Static<(typeof workKinds)[Kind]>;
/** Work that waits for its turn. */
export type Work = {
  readonly [Kind in WorkKind]: { readonly kind: Kind } & Readonly<WorkAbout<Kind>>;
}[WorkKind];

/**
 * A queue that outlives processes. Work is done at least once; what fails is tried again after longer and longer
 * waits, and set aside in the end.
 */
export interface WorkQueue {
  /**
   * Puts work in the queue; what is in it already, and not begun, is in it once.
   * @param options `behind`: all other work comes first
   */
  add(work: readonly Work[], options?: { readonly behind?: boolean }): Promise<void>;
}

/** Work that comes to nothing however often it is tried: it is set aside at once, with this message. */
export class HopelessWork extends Error {
  override readonly name = 'HopelessWork';
}
