import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Type, type Static } from 'typebox';
import { movieCommands } from '../../../../domain/movie/commands.js';
import { LocalDate, Name, Rating, SAYS, Text, Zone } from '../../../../domain/schemas.js';
import { validator, type Validation } from '../../../../domain/validation.js';
import { UsageError } from '../../exitCodes.js';

/** Where the samples that come with Reellog are, beside `src` and `dist`. */
export const samplesFolder = fileURLToPath(new URL('../../../../../samples/', import.meta.url));

const object = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

/** A film is named by its title: people can read and extend the file. */
const film = Name(500);

/** Left as it is written, on the clock of whoever watched. */
const Moment = Type.String({
  ...{ format: 'date-time', pattern: '(Z|[+-]\\d{2}:\\d{2})$' },
  [SAYS]: 'must be a time such as 2026-11-20T20:30:00+01:00',
});

const SamplePlay = object({
  film,
  /** A moment with its offset, or a day; left out when nobody remembers. */
  watched: Type.Optional(Type.Union([Moment, LocalDate])),
  note: Type.Optional(Text(1000, 1)),
});
export type SamplePlay = Static<typeof SamplePlay>;

const SampleOpinion = object({
  film,
  rating: Rating,
  review: Type.Optional(Text(10_000, 1)),
  spoiler: Type.Optional(Type.Boolean()),
});

const SampleWish = object({ film, state: Type.Optional(Type.Enum(['dropped', 'on_hold'])) });

const SamplePerson = object({
  displayName: Name(100),
  timezone: Zone,
  /** In the order of time. */
  plays: Type.Array(SamplePlay),
  opinions: Type.Array(SampleOpinion),
  favorites: Type.Array(film, { uniqueItems: true }),
  /** The first is wanted longest. */
  watchlist: Type.Array(SampleWish),
});
export type SamplePerson = Static<typeof SamplePerson>;

const SampleFilm = movieCommands.ImportMovie;

export interface Samples {
  readonly films: readonly Static<typeof SampleFilm>[];
  /** The first is the owner. */
  readonly people: readonly SamplePerson[];
}

const checkFilms = validator(Type.Array(SampleFilm, { minItems: 1 }));
const checkPeople = validator(Type.Array(SamplePerson, { minItems: 1 }));

/**
 * Reads `movies.json` and `people.json` of a folder.
 * @throws {UsageError} which names the file and the field, when there is something wrong with them
 */
export const readSamples = async (folder: string): Promise<Samples> => {
  const movies = join(folder, 'movies.json');
  const films = await read(movies, checkFilms);
  requireOnce(
    movies,
    films.map(({ title }, index) => [title, `${index}.title`]),
  );
  const file = join(folder, 'people.json');
  const people = await read(file, checkPeople);
  requireOnce(
    file,
    people.map(({ displayName }, index) => [displayName, `${index}.displayName`]),
  );
  const titles = new Set(films.map(({ title }) => title));
  for (const [index, person] of people.entries()) requireFilms(file, index, person, titles);
  return { films, people };
};

/** A name and the field that says it. */
type Named = readonly [name: string, field: string];

const requireFilms = (
  file: string,
  index: number,
  person: SamplePerson,
  titles: ReadonlySet<string>,
): void => {
  const inList = (list: 'plays' | 'opinions' | 'watchlist') =>
    person[list].map(({ film: title }, at): Named => [title, `${index}.${list}.${at}.film`]);
  const opinions = inList('opinions');
  const watchlist = inList('watchlist');
  const favorites = person.favorites.map((title, at): Named => [title, `${index}.favorites.${at}`]);
  for (const [title, field] of [...inList('plays'), ...opinions, ...favorites, ...watchlist]) {
    if (!titles.has(title))
      throw new UsageError(`${file}: ${field}: no film is called "${title}".`);
  }
  // Told twice, the second would change what the first said, at every load.
  requireOnce(file, opinions);
  requireOnce(file, watchlist);
};

const requireOnce = (file: string, names: readonly Named[]): void => {
  const seen = new Set<string>();
  for (const [name, field] of names) {
    if (seen.has(name)) throw new UsageError(`${file}: ${field}: "${name}" is there already.`);
    seen.add(name);
  }
};

const read = async <Value>(
  path: string,
  check: (content: unknown) => Validation<Value>,
): Promise<Value> => {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${path} cannot be read: ${why}`, { cause });
  }
  const checked = check(content);
  if (checked.ok) return checked.value;
  const told = checked.errors.map(({ field, message }) => `${field} ${message}`.trim());
  throw new UsageError(`${path}: ${told.join('; ')}.`);
};
