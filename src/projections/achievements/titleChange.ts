import type { AchievementFacts } from '../../domain/achievements/playFacts.js';
import {
  activeDateOf,
  countedOf,
  differenceOf,
  type TitlePlay,
} from '../../domain/viewing/plays/titlePlays.js';
import type { AmountKind } from './tables.js';

export type AchievementPlay = TitlePlay<AchievementFacts>;
type Play = AchievementPlay;

/** How many plays of a name there are more, or films where those are counted. */
export interface AmountChange {
  readonly kind: AmountKind;
  readonly name: string;
  readonly by: number;
}

/** What changes of a person's numbers with their counted plays of one title. */
export interface TitleChange {
  readonly gone: readonly Play[];
  readonly come: readonly Play[];
  /** How many plays there were and are. */
  readonly plays: { readonly before: number; readonly after: number };
  /** Films more, or fewer, that are acclaimed. */
  readonly acclaimed: number;
  /** The differences; a name that stays as it was is not there. */
  readonly amounts: readonly AmountChange[];
}

/** What it changes that the plays of a title, counted or not, were some and are others. */
export const titleChange = (
  playsBefore: readonly Play[],
  playsAfter: readonly Play[],
): TitleChange => {
  const before = countedOf(playsBefore);
  const after = countedOf(playsAfter);
  const { gone, come } = differenceOf(before, after);
  return {
    gone,
    come,
    plays: { before: before.length, after: after.length },
    acclaimed: Number(after.some(isAcclaimed)) - Number(before.some(isAcclaimed)),
    amounts: [...playsDifference(gone, come), ...filmsDifference(before, after, [gone, come])],
  };
};

const isAcclaimed = ({ facts }: Play): boolean => facts.acclaimed === true;

/** Of names that are counted by plays. */
const playsDifference = (gone: readonly Play[], come: readonly Play[]): readonly AmountChange[] => {
  const amounts: { kind: AmountKind; name: string; by: number }[] = [];
  const add = (kind: AmountKind, name: string, by: 1 | -1) => {
    // There are few, so that they are looked through.
    const there = amounts.find((amount) => amount.kind === kind && amount.name === name);
    if (there) there.by += by;
    else amounts.push({ kind, name, by });
  };
  const addAll = ({ facts: { names, watched } }: Play, by: 1 | -1) => {
    for (const genre of names.genre ?? []) add('genre', genre, by);
    for (const country of names.country ?? []) add('country', country, by);
    for (const decade of names.decade ?? []) add('decade', decade, by);
    const date = activeDateOf(watched);
    if (date !== undefined) add('active', date, by);
  };
  for (const play of gone) addAll(play, -1);
  for (const play of come) addAll(play, 1);
  return amounts.filter(({ by }) => by !== 0);
};

/** Of names that are counted by films: this one has the name as long as one of its plays has. */
const filmsDifference = (
  before: readonly Play[],
  after: readonly Play[],
  changed: readonly (readonly Play[])[],
): readonly AmountChange[] => {
  const difference = (
    kind: AmountKind,
    namesOf: (play: Play) => readonly string[],
  ): AmountChange[] => {
    const [first] = after;
    // Nearly always: the first play of a title.
    if (first && after.length === 1 && before.length === 0) {
      return [...new Set(namesOf(first))].map((name) => ({ kind, name, by: 1 }));
    }
    return [...new Set(changed.flatMap((plays) => plays.flatMap(namesOf)))].flatMap((name) => {
      const hasIt = (play: Play) => namesOf(play).includes(name);
      const by = Number(after.some(hasIt)) - Number(before.some(hasIt));
      return by === 0 ? [] : [{ kind, name, by }];
    });
  };
  return [...difference('director', directorsOf), ...difference('date', datesOf)];
};

const directorsOf = ({ facts }: Play): readonly string[] => facts.names.director ?? [];

const datesOf = ({ facts }: Play): readonly string[] => {
  const date = activeDateOf(facts.watched);
  return date === undefined ? [] : [date];
};
