/** Words that are capitals throughout. */
const CAPITALS = new Set([
  'tv',
  'imax',
  '3d',
  'lgbt',
  'lgbtq',
  'lgbtq+',
  'uk',
  'us',
  'wwi',
  'wwii',
]);
/** Words that are small unless they come first. */
const SMALL = new Set(['of', 'and', 'the', 'in', 'on', 'for', 'de', 'du', 'et', 'und', 'y', 'e']);

/**
 * The one spelling of a genre: `drama`, `DRAMA` and ` Drama ` are `Drama`. It follows from the letters alone, whatever
 * their case, so that it is the same in whichever order spellings arrive.
 */
export const genreName = (genre: string): string => {
  let name = known.get(genre);
  if (name === undefined) {
    name = spelt(genre);
    // There are few, but for what clients make up: forget rather than grow.
    if (known.size > 2000) known.clear();
    known.set(genre, name);
  }
  return name;
};

/** Every play that read models are made of asks again. */
const known = new Map<string, string>();

const spelt = (genre: string): string =>
  genre
    .normalize('NFC')
    .trim()
    .replace(/\s+/g, ' ')
    .toLowerCase()
    .replace(/[^\s/-]+/g, (word, at: number) => {
      if (CAPITALS.has(word)) return word.toUpperCase();
      return at > 0 && SMALL.has(word) ? word : capitalised(word);
    })
    .normalize('NFC');

/** The genres under their names, each once. */
export const genreNames = (genres: readonly string[]): string[] => [
  ...new Set(genres.map(genreName).filter((name) => name !== '')),
];

/** Of letters that have no capital of one character, such as the sharp s, the word is left as it is. */
const capitalised = (word: string): string => {
  const [first = ''] = word;
  const capital = first.toUpperCase();
  return Array.from(capital).length === 1 ? `${capital}${word.slice(first.length)}` : word;
};
