import { Type, type Static } from 'typebox';
import { collectionDetails } from './events.js';

/** What Reellog commands itself when a provider was asked about a collection. */
export const internalCollectionCommands = {
  RefreshCollection: Type.Object(collectionDetails, { additionalProperties: false }),
} as const;

export interface CollectionCommand {
  readonly type: 'RefreshCollection';
  readonly data: Static<typeof internalCollectionCommands.RefreshCollection>;
  readonly context: { readonly collectionId: string };
}
