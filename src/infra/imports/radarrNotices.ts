import { CommandRejected, SYSTEM, type ExecuteCommand } from '../../commands/command.js';
import { movieIdOf } from '../../domain/streams.js';
import { RADARR } from '../metadata/radarr/radarrFile.js';
import type { NotedFilm, RadarrNotice } from '../metadata/radarr/radarrWebhook.js';
import type { KnownCatalogue } from './knownCatalogue.js';

/** What was sent, and until when it is waited for. */
interface Delivery {
  /** The same for what is sent again. */
  readonly delivery: string;
  readonly signal: AbortSignal;
}

/** Does what a webhook of Radarr's says. Told again, it changes nothing. */
export type ApplyRadarrNotice = (notice: RadarrNotice, delivery: Delivery) => Promise<void>;

export const createRadarrNotices = ({
  execute,
  catalogue,
}: {
  readonly execute: ExecuteCommand;
  readonly catalogue: Pick<KnownCatalogue, 'byTmdbId'>;
}): ApplyRadarrNotice => {
  const known = async (tmdbId: number): Promise<string | undefined> =>
    (await catalogue.byTmdbId([tmdbId])).get(tmdbId);

  /** The film of the catalogue; imported where it has none. */
  const idOf = async (film: NotedFilm, signal: AbortSignal): Promise<string> =>
    (await known(film.tmdbId)) ??
    (await execute({ name: 'ImportMovie', data: film, actor: SYSTEM, signal })).id;

  const detach = async (
    { tmdbId, ...gone }: { readonly tmdbId: number; readonly fileId?: string },
    reason: string,
    { delivery, signal }: Delivery,
  ): Promise<void> => {
    const movieId = (await known(tmdbId)) ?? movieIdOf('tmdb', tmdbId);
    await execute({
      name: 'DetachFile',
      data: { movieId, source: RADARR, ...gone, reason },
      ...{ actor: SYSTEM, idempotencyKey: delivery, signal },
    });
  };

  const applied = async (notice: RadarrNotice, delivery: Delivery): Promise<void> => {
    const { signal } = delivery;
    switch (notice.kind) {
      case 'added':
        await idOf(notice.film, signal);
        return;
      case 'file': {
        const movieId = await idOf(notice.film, signal);
        await execute({
          name: 'AttachFile',
          data: { movieId, ...notice.file },
          actor: SYSTEM,
          // A file may get back the name that it had: the same may be said twice, and be meant.
          ...(notice.renamed ? {} : { idempotencyKey: delivery.delivery }),
          signal,
        });
        return;
      }
      case 'file-gone': {
        const { kind: _, ...gone } = notice;
        await detach(gone, 'its file was deleted', delivery);
        return;
      }
      case 'film-gone':
        await detach({ tmdbId: notice.tmdbId }, 'the library has it no longer', delivery);
        return;
      case 'nothing':
        return;
      default:
        notice satisfies never;
    }
  };

  return async (notice, delivery) => {
    try {
      await applied(notice, delivery);
    } catch (error) {
      // A film that was taken out of the catalogue, or never was in it, stays so whatever becomes of its file.
      const isNotThere =
        error instanceof CommandRejected &&
        ['movie-removed', 'movie-not-found'].includes(error.failure.code);
      if (!isNotThere) throw error;
    }
  };
};
