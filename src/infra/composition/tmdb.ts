import type { Logger } from 'pino';
import type { CollectionProvider, MovieProvider } from '../../commands/ports/movieProvider.js';
import type { Config } from '../config/config.js';
import { settings } from '../config/settings.js';
import type { ChangesAtTmdb } from '../metadata/tmdb/tmdb.js';
import type { OutgoingObserver } from '../outgoing/outgoing.js';
import type { PersonProvider } from '../people/people.js';

export type Tmdb = MovieProvider & CollectionProvider & PersonProvider & ChangesAtTmdb;

/** TMDb, as one client of this process: its limits hold for all that is asked. */
export interface TmdbClient {
  /** Loads it when it is first asked for. @returns `undefined` where no key is configured */
  open(): Promise<Tmdb | undefined>;
  close(): Promise<void>;
}

export const createTmdbClient = (
  { tmdbKey: key, tmdbUrl: baseUrl, metadataLanguage: language }: Config,
  options: { readonly logger: Logger; readonly observer: OutgoingObserver | undefined },
): TmdbClient => {
  let opened: Promise<{ readonly tmdb: Tmdb; close(): Promise<void> }> | undefined;
  const load = async (settingsOf: { readonly key: string }) => {
    const [{ createOutgoing }, { createTmdb, tmdbProvider }] = await Promise.all([
      import('../outgoing/outgoing.js'),
      import('../metadata/tmdb/tmdb.js'),
    ]);
    const isDefault = baseUrl === settings.tmdbUrl.fallback;
    const provider = tmdbProvider({ ...settingsOf, baseUrl, language }, isDefault);
    const outgoing = createOutgoing(provider, options);
    return { tmdb: createTmdb(outgoing, { language }), close: () => outgoing.close() };
  };
  return {
    open: async () => (key === undefined ? undefined : (await (opened ??= load({ key }))).tmdb),
    close: async () => (await opened)?.close(),
  };
};
