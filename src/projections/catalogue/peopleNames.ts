import { lexemes } from '../../domain/movie/search/lexemes.js';
import type { MovieLists } from '../../domain/movie/longLists.js';
import { nameGramsOf } from '../../domain/person/nameGrams.js';
import { personIdOf } from '../../domain/person/personId.js';
import type { Sums } from '../engine/tables/streamProjection.js';
import { table, writeSums } from '../engine/tables/table.js';
import type { ProjectionTransaction, RowWriter } from '../ports/projection.js';

interface PeopleNameRow {
  readonly person_id: string;
  /** As credits have it: there may be several names of one person. */
  readonly name: string;
  readonly grams: string;
  readonly movies: number;
}

const peopleNames = table<PeopleNameRow>('people_names', ['person_id', 'name'], {
  derived: ['grams'],
});

interface Film {
  readonly row: { readonly status: 'live' | 'removed' };
  readonly credits: Pick<MovieLists, 'cast' | 'crew'>;
}

type Credits = Film['credits'];

/** In how many films that are not removed there are people under each of their names. */
export class PeopleNames implements Sums<unknown, Film | undefined> {
  readonly #rows = new Map<string, PeopleNameRow>();

  change(_: unknown, before: Film | undefined, after: Film | undefined): void {
    const [was, is] = [creditsIn(before), creditsIn(after)];
    if (was.cast === is.cast && was.crew === is.crew) return;
    for (const [key, person] of peopleIn(was)) this.#count(key, person, -1);
    for (const [key, person] of peopleIn(is)) this.#count(key, person, 1);
  }

  async add(tx: ProjectionTransaction): Promise<void> {
    await peopleNames.add(tx, [...this.#rows.values()], 'movies');
  }

  write(rows: RowWriter): void {
    writeSums(rows, peopleNames, [...this.#rows.values()]);
  }

  #count(key: string, { person_id, name }: Person, by: 1 | -1): void {
    const row = this.#rows.get(key);
    this.#rows.set(
      key,
      row
        ? { ...row, movies: row.movies + by }
        : { person_id, name, grams: lexemes(nameGramsOf(name), ' '), movies: by },
    );
  }
}

interface Person {
  readonly person_id: string;
  readonly name: string;
}

const creditsIn = (film: Film | undefined): Credits =>
  film?.row.status === 'live' ? film.credits : {};

/** Each person once, whatever they do in the film. */
const peopleIn = ({ cast = [], crew = [] }: Credits): ReadonlyMap<string, Person> => {
  const people = new Map<string, Person>();
  for (const one of [...cast, ...crew]) {
    // What their id is made of.
    const key = `${one.tmdbId ?? ''} ${one.name}`;
    if (!people.has(key)) people.set(key, { person_id: personIdOf(one), name: one.name });
  }
  return people;
};
