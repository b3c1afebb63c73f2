import { collectionDecider, type CollectionState } from '../../domain/collection/collection.js';
import type { CollectionCommand } from '../../domain/collection/commands.js';
import type { CollectionEvent } from '../../domain/collection/events.js';
import { collectionIdOf, collectionStream } from '../../domain/streams.js';
import type { CommandCall } from '../handling/call.js';
import { handleCommand } from '../handling/handleCommand.js';
import type { CommandServices } from '../handling/services.js';
import type { CollectionProvider } from '../ports/movieProvider.js';

/** What became of looking a collection up; `unknown`: the provider has no such one, or no longer. */
export type CollectionRefresh = 'refreshed' | 'unchanged' | 'unknown';

/**
 * Looks a collection up and records what changed. Done twice it changes nothing the second time.
 * @throws {ProviderFailure} later there may be an answer
 */
export const refreshCollection = async (
  services: CommandServices,
  call: CommandCall & { readonly signal: AbortSignal },
  provider: CollectionProvider,
  tmdbId: number,
): Promise<CollectionRefresh> => {
  const data = await provider.getCollection(tmdbId, call.signal);
  if (!data) return 'unknown';
  const collectionId = collectionIdOf(tmdbId);
  const { appended } = await handleCommand<CollectionState, CollectionCommand, CollectionEvent>(
    services,
    call,
    {
      stream: collectionStream(collectionId),
      decider: collectionDecider,
      id: collectionId,
      command: () => () => ({ type: 'RefreshCollection', data, context: { collectionId } }),
    },
  );
  return appended > 0 ? 'refreshed' : 'unchanged';
};
