import type { Logger } from 'pino';
import type { MovieProvider } from '../../commands/ports/movieProvider.js';
import type { Config } from '../config/config.js';
import { settings } from '../config/settings.js';
import type { OutgoingObserver } from '../outgoing/outgoing.js';
import type { PersonProvider } from '../people/people.js';

/** TMDb, as one client of this process: its limits hold for all that is asked. */
export interface Tmdb extends MovieProvider, PersonProvider {
  close(): Promise<void>;
}

/** @returns `undefined` where no key is configured; nothing of it is loaded then */
export const openTmdb = async (
  { tmdbKey: key, tmdbUrl: baseUrl, metadataLanguage: language }: Config,
  options: { readonly logger: Logger; readonly observer: OutgoingObserver | undefined },
): Promise<Tmdb | undefined> => {
  if (key === undefined) return undefined;
  const [{ createOutgoing }, { createTmdb, tmdbProvider }] = await Promise.all([
    import('../outgoing/outgoing.js'),
    import('../metadata/tmdb/tmdb.js'),
  ]);
  const isDefault = baseUrl === settings.tmdbUrl.fallback;
  const outgoing = createOutgoing(tmdbProvider({ key, baseUrl, language }, isDefault), options);
  return { ...createTmdb(outgoing, { language }), close: () => outgoing.close() };
};
