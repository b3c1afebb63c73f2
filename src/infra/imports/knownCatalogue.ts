import { namesOf } from '../../commands/catalogue/externalIds.js';
import type { Reservations } from '../../commands/ports/reservations.js';
import { pause } from '../../commands/ports/waiting.js';
import type { FilmFile } from '../../queries/catalogue/filmFiles.js';

/** What the catalogue has of a media manager's films. */
export interface KnownCatalogue {
  /**
   * The films whose file is one that this source told of, of all that is recorded by now.
   * @throws {CatalogueBehind}
   */
  files(source: string, signal: AbortSignal): Promise<readonly FilmFile[]>;
  /** The films that have these ids of TMDb, by id. */
  byTmdbId(tmdbIds: readonly number[]): Promise<ReadonlyMap<number, string>>;
}

/** The read model of the catalogue lacks events that there are: nobody keeps it up to date, or it is being rebuilt. */
export class CatalogueBehind extends Error {
  override readonly name = 'CatalogueBehind';
}

/** What it reads of the read model. */
export interface CatalogueShown {
  /** `undefined` where the read model does not show the position within a moment. */
  filesShown(source: string, upTo: bigint): Promise<readonly FilmFile[] | undefined>;
  filmsThere(movieIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What an import left behind that was stopped may take a while to be shown. */
const BEHIND_MS = 300_000;
const LOOK_AGAIN_MS = 200;

export const createKnownCatalogue = ({
  shown,
  reservations,
  head,
}: {
  readonly shown: CatalogueShown;
  readonly reservations: Pick<Reservations, 'holders'>;
  /** The position of the last event of the log. */
  readonly head: () => Promise<bigint>;
}): KnownCatalogue => ({
  files: async (source, signal) => {
    const upTo = await head();
    for (const deadline = performance.now() + BEHIND_MS; performance.now() < deadline;) {
      const files = await shown.filesShown(source, upTo);
      if (files) return files;
      await pause(LOOK_AGAIN_MS, signal);
      signal.throwIfAborted();
    }
    throw new CatalogueBehind(
      'The read model "catalogue" is not up to date: see "reellog projections". Try again when it is.',
    );
  },
  byTmdbId: async (tmdbIds) => {
    const nameOf = new Map(
      tmdbIds.flatMap((tmdbId) => namesOf({ tmdbId }).map((name) => [tmdbId, name] as const)),
    );
    const holders = await reservations.holders([...nameOf.values()]);
    const owners = [...holders.values()].map(({ owner }) => owner);
    // A name may be reserved for a film that was never made.
    const there = await shown.filmsThere(owners);
    return new Map(
      [...nameOf].flatMap(([tmdbId, name]) => {
        const owner = holders.get(name)?.owner;
        return owner !== undefined && there.has(owner) ? [[tmdbId, owner] as const] : [];
      }),
    );
  },
});
