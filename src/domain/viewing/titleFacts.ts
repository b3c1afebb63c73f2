import type { TitleName, TitleSnapshot, ViewingEvent } from './events.js';

/** One fact that a snapshot holds of a title. */
export type TitleFact = Exclude<keyof TitleSnapshot, 'runtimeEstimated'>;

/** What a title is called until the catalogue knows it. */
export const UNKNOWN_TITLE = '?';

/** The order is that of the bits in `factsMask`: more go at the end. */
const facts = [
  ...(['title', 'runtimeMinutes', 'genres', 'releaseYear', 'releaseDate', 'voteAverage'] as const),
  ...(['countries', 'originalLanguage', 'directors', 'studios', 'actors'] as const),
] as const satisfies readonly TitleFact[];

export const allFacts: readonly TitleFact[] = facts;

const knows = (snapshot: TitleSnapshot, fact: TitleFact): boolean => {
  if (fact === 'title') return snapshot.title !== UNKNOWN_TITLE;
  if (fact === 'runtimeMinutes') return !snapshot.runtimeEstimated;
  const value = snapshot[fact];
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
};

/** What a snapshot does not know of its title. */
export const factsLacking = (snapshot: TitleSnapshot): readonly TitleFact[] =>
  facts.filter((fact) => !knows(snapshot, fact));

/** What a name in a list does not know of its title. */
export const nameLacks = (name: TitleName): readonly TitleFact[] => [
  ...(name.title === UNKNOWN_TITLE ? ['title' as const] : []),
  ...(name.releaseYear === undefined ? ['releaseYear' as const] : []),
];

/** What an event tells of a title without knowing it. */
export const factsLackingIn = (data: ViewingEvent['data']): readonly TitleFact[] => {
  if ('snapshot' in data) return factsLacking(data.snapshot);
  return 'name' in data ? nameLacks(data.name) : [];
};

/** Facts as a number, one bit for each. */
export const factsMask = (some: Iterable<TitleFact>): number => {
  let mask = 0;
  for (const fact of some) mask |= 1 << facts.indexOf(fact);
  return mask;
};

/** Those of the facts that a snapshot knows. */
export const factsKnown = (
  lacking: Iterable<TitleFact>,
  known: TitleSnapshot,
): readonly TitleFact[] => [...lacking].filter((fact) => knows(known, fact));

/** A snapshot with the facts that it lacked; what it knew stays as it was (SEMANTICS D6). */
export const withFacts = (snapshot: TitleSnapshot, known: TitleSnapshot): TitleSnapshot => {
  const learnt = factsKnown(factsLacking(snapshot), known);
  if (learnt.length === 0) return snapshot;
  return {
    ...snapshot,
    ...Object.fromEntries(learnt.map((fact) => [fact, known[fact]])),
    ...(learnt.includes('runtimeMinutes') ? { runtimeEstimated: false } : {}),
  };
};

/** A name in a list with what it lacked. */
export const nameWithFacts = (name: TitleName, known: TitleSnapshot): TitleName => {
  const learnt = factsKnown(nameLacks(name), known);
  return learnt.length === 0
    ? name
    : { ...name, ...Object.fromEntries(learnt.map((fact) => [fact, known[fact]])) };
};
