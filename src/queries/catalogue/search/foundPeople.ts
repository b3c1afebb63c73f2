import { folded } from '../../../domain/movie/search/folded.js';
import { lexemes } from '../../../domain/movie/search/lexemes.js';
import { likeness } from '../../../domain/movie/search/likeness.js';
import { wantedFilms } from '../../../domain/movie/search/wanted.js';
import { typedWords, wantedWords, type WantedWord } from '../../../domain/person/nameGrams.js';
import type { ReadModels } from '../../ports/readModels.js';

/** Somebody of the catalogue whose name answers to a search. */
export interface FoundPerson {
  readonly id: string;
  readonly name: string;
  /** In how many films they are under this name. */
  readonly movies: number;
  readonly likeness: number;
}

/** So many people are looked at more closely. */
const CANDIDATES = 400;
/** Somebody of so many films is as well known as a film of so many times the votes. */
const VOTES_A_FILM = 200;

/**
 * The people whose names answer to a search, the best first, each once: whatever the case, the diacritics, the
 * punctuation and small typos. First those who have all of the words are looked for, then those who have any.
 */
export const foundPeople = async (
  typed: string,
  readModels: ReadModels,
): Promise<readonly FoundPerson[]> => {
  const read = wantedFilms(typed);
  const [whole, ...others] = read.readings;
  if (whole === undefined || whole.text === '') return [];
  // A year is of a film: nobody is looked for by it.
  const wanted = { ...read, readings: [whole] };
  const words = wantedWords(whole.text);
  if (words.length === 0 || others.some(({ year }) => year?.length === 4)) return [];
  const by = async (between: '&' | '|'): Promise<readonly FoundPerson[]> => {
    const rows = await candidates(words, between, readModels);
    const found = rows.map(({ id, name, movies }) => ({
      ...{ id, name, movies },
      likeness: likeness(wanted, {
        ...{ title: name, names: [folded(name)], year: null, votes: movies * VOTES_A_FILM },
      }),
    }));
    return eachOnce(found.filter((person) => person.likeness > 0).sort(bestFirst));
  };
  const all = await by('&');
  return all.length > 0 || words.length === 1 ? all : by('|');
};

/**
 * People with a word of their names that begins with each word that is typed, those of most films first.
 */
export const peopleBeginning = async (
  typed: string,
  limit: number,
  readModels: ReadModels,
): Promise<readonly Omit<FoundPerson, 'likeness'>[]> => {
  const text = folded(typed);
  const words = typedWords(text);
  if (words.length === 0) return [];
  const rows = await candidates(words, '&', readModels);
  const begins = rows.filter(({ name }) => ` ${folded(name)}`.includes(` ${text}`));
  return eachOnce(begins).slice(0, limit);
};

interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly movies: number;
}

const candidates = (
  words: readonly WantedWord[],
  between: '&' | '|',
  readModels: ReadModels,
): Promise<readonly Candidate[]> =>
  readModels.query<Candidate>({
    name: 'peopleByName',
    // By people_names_by_grams.
    text: `select person_id as id, name, movies from {catalogue}.people_names
           where grams @@ $1::tsquery
           order by movies desc, person_id, name
           limit ${CANDIDATES}`,
    values: [words.map(pieces).join(between)],
  });

const pieces = ({ beginning, end }: WantedWord): string => {
  const begins = `${lexemes([beginning], '|')}:*`;
  return end === undefined ? begins : `(${begins}|${lexemes([end], '|')})`;
};

/** Of people who are as alike those of more films come first. */
const bestFirst = (one: FoundPerson, other: FoundPerson): number =>
  other.likeness - one.likeness || other.movies - one.movies || (one.id < other.id ? -1 : 1);

const eachOnce = <Person extends { readonly id: string }>(
  people: readonly Person[],
): readonly Person[] => {
  const seen = new Set<string>();
  return people.filter(({ id }) => !seen.has(id) && seen.add(id));
};
