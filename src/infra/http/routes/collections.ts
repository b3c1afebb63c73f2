import { collection } from '../../../queries/catalogue/collections/collection.js';
import { collections } from '../../../queries/catalogue/collections/collections.js';
import { queryRoute, type Route } from '../route.js';

const tag = 'Films';

/** Series of films. */
export const collectionRoutes: readonly Route[] = [
  queryRoute({
    path: '/collections',
    operationId: 'listCollections',
    summary: 'Collections by name, and how many of their films there are and you have seen',
    tag,
    query: collections,
  }),
  queryRoute({
    path: '/collections/{collectionId}',
    operationId: 'getCollection',
    summary: 'A collection: its films in order, those that are missing, and what you have seen',
    tag,
    query: collection,
    missing: 'There is no such collection.',
  }),
];
