import { Type, type Static } from 'typebox';
import { inOrder } from '../sameValue.js';
import { CountryCode, Instant, LanguageCode, Line, LocalDate } from '../schemas.js';
import { derivedId } from '../streams.js';

const strict = { additionalProperties: false } as const;
const tmdbId = Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 }));
const pixels = Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 }));

/** Who plays a role; `tmdbId` is the person's. */
const CastMember = Type.Object(
  { name: Line(200), character: Type.Optional(Line(500)), tmdbId },
  strict,
);
/** Who does a job behind the camera, in the words of TMDb: department `Directing`, job `Director`. */
const CrewMember = Type.Object(
  { name: Line(200), job: Line(100), department: Type.Optional(Line(100)), tmdbId },
  strict,
);
/** A trailer, clip or the like; `key` is its id at the site. */
const Video = Type.Object(
  {
    site: Line(50),
    key: Line(200),
    name: Type.Optional(Line(300)),
    type: Type.Optional(Line(50)),
    language: Type.Optional(LanguageCode),
    official: Type.Optional(Type.Boolean()),
    publishedAt: Type.Optional(Instant),
  },
  strict,
);
/** A picture that can be chosen; pictures without text have no language. */
const Picture = Type.Object(
  {
    kind: Type.Enum(['poster', 'backdrop', 'logo']),
    path: Line(500),
    language: Type.Optional(LanguageCode),
    width: pixels,
    height: pixels,
  },
  strict,
);
/** How films come out, in the order in which TMDb numbers it. */
export const RELEASE_TYPES = [
  'premiere',
  'limited',
  'theatrical',
  'digital',
  'physical',
  'tv',
] as const;
const Release = Type.Object(
  {
    country: CountryCode,
    date: LocalDate,
    type: Type.Enum(RELEASE_TYPES),
    certification: Type.Optional(Line(20)),
    note: Type.Optional(Line(200)),
  },
  strict,
);

/** How long each may be: a film with all of them full is still an event that any log takes. */
export const MOST = { cast: 1_000, crew: 2_000, videos: 100, images: 100, releases: 500 } as const;

/** The details of a film that may be long. */
export const longLists = {
  /** Billed first to last. */
  cast: Type.Optional(Type.Array(CastMember, { maxItems: MOST.cast })),
  crew: Type.Optional(Type.Array(CrewMember, { maxItems: MOST.crew })),
  videos: Type.Optional(Type.Array(Video, { maxItems: MOST.videos })),
  images: Type.Optional(Type.Array(Picture, { maxItems: MOST.images })),
  releases: Type.Optional(Type.Array(Release, { maxItems: MOST.releases })),
};

export type ListField = keyof typeof longLists;
export const LIST_FIELDS = Object.keys(longLists) as readonly ListField[];
export const isListField = (field: string): field is ListField => Object.hasOwn(longLists, field);
export type CastMember = Static<typeof CastMember>;
export type CrewMember = Static<typeof CrewMember>;
export type Video = Static<typeof Video>;
export type Picture = Static<typeof Picture>;
export type Release = Static<typeof Release>;

/** The long lists of a film, as far as they are known. */
export type MovieLists = { readonly [Field in ListField]?: Static<(typeof longLists)[Field]> };

/** A film's long lists after changes: `null` clears one. */
export const listsAfter = (
  lists: MovieLists,
  changes: { readonly [Field in ListField]?: MovieLists[Field] | null | undefined },
): MovieLists =>
  Object.fromEntries(
    LIST_FIELDS.flatMap((field) => {
      const list = changes[field] === undefined ? lists[field] : changes[field];
      return list == null ? [] : [[field, list] as const];
    }),
  );

/** What stands for a long list where it only has to be told whether it changes. */
export const fingerprint = (list: unknown): string => derivedId(inOrder(list));
