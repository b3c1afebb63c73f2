/** Ratings that are words, by country and age; where a rating has a number the number is the age. */
const AGES: Readonly<Record<string, number>> = {
  ...{ 'US:G': 0, 'US:PG': 8, 'US:R': 17 },
  ...{ 'GB:U': 0, 'GB:PG': 8 },
  ...{
    'CA:G': 0,
    'CA:PG': 8,
    'AU:G': 0,
    'AU:PG': 8,
    'AU:M': 15,
    'NZ:G': 0,
    'NZ:PG': 8,
    'NZ:M': 16,
  },
  ...{
    'FR:U': 0,
    'FR:TP': 0,
    'IT:T': 0,
    'ES:A': 0,
    'ES:APTA': 0,
    'NL:AL': 0,
    'BR:L': 0,
    'IN:U': 0,
  },
};

/**
 * The age that a country's rating of a film maps to: `PG-13` is 13, `FSK 16` 16, and `G` of the US 0.
 * @returns `undefined` where the rating says no age
 */
export const ratingLevelOf = (country: string, rating: string): number | undefined => {
  const known = AGES[`${country}:${rating.trim().toUpperCase()}`];
  if (known !== undefined) return known;
  const [, digits] = /(?:^|\D)(\d{1,2})(?!\d)/.exec(rating) ?? [];
  const age = digits === undefined ? undefined : Number(digits);
  return age !== undefined && age <= 21 ? age : undefined;
};
