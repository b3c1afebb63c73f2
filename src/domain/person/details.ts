import { Type, type Static } from 'typebox';
import { Line, Text } from '../schemas.js';

/** What is known of a person beside their credits; dates as the provider has them, which may be a year alone. */
export const personDetails = {
  tmdbId: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
  name: Line(200),
  birthday: Type.Optional(Line(20)),
  deathday: Type.Optional(Line(20)),
  placeOfBirth: Type.Optional(Line(300)),
  biography: Type.Optional(Text(50_000)),
  knownForDepartment: Type.Optional(Line(100)),
  imdbId: Type.Optional(Line(20)),
  homepage: Type.Optional(Line(500)),
  alsoKnownAs: Type.Optional(Type.Array(Line(200), { maxItems: 100 })),
  profilePath: Type.Optional(Line(500)),
};
export const PersonDetails = Type.Object(personDetails, { additionalProperties: false });
export type PersonDetails = Static<typeof PersonDetails>;
