import { Type, type Static } from 'typebox';
import { eventType, type EventOf } from '../eventType.js';
import { Line, LocalDate, Name, Text, Uuid } from '../schemas.js';

const tmdbId = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

/** A film that belongs to a collection, in the catalogue or not. */
export const CollectionPart = Type.Object(
  { tmdbId, title: Name(500), releaseDate: Type.Optional(LocalDate) },
  { additionalProperties: false },
);
export type CollectionPart = Static<typeof CollectionPart>;

/** The most parts that an event can hold: with titles as long as they may be it stays below 512 KiB. */
export const MOST_PARTS = 200;

/** What is told about a collection; what is not known is absent. */
export const collectionDetails = {
  tmdbId,
  name: Name(500),
  overview: Type.Optional(Text(10_000)),
  posterPath: Type.Optional(Line(500)),
  backdropPath: Type.Optional(Line(500)),
  parts: Type.Array(CollectionPart, { maxItems: MOST_PARTS }),
};
export const CollectionDetails = Type.Object(collectionDetails, { additionalProperties: false });
export type CollectionDetails = Static<typeof CollectionDetails>;

const collection = Type.Object(
  { collectionId: Uuid, ...collectionDetails },
  { additionalProperties: false },
);

/** The facts of a `collection-<id>` stream. Each says all that is known then, its parts in order of release. */
export const collectionEvents = {
  CollectionImported: eventType(collection),
  CollectionMetadataRefreshed: eventType(collection),
} as const;

export type CollectionEvent = EventOf<typeof collectionEvents>;
