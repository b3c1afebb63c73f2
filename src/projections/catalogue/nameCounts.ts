import type { MovieFacts } from '../../domain/movie/events.js';
import { byNameKey } from '../../domain/movie/search/nameKey.js';
import type { Sums } from '../engine/tables/streamProjection.js';
import { table, writeSums } from '../engine/tables/table.js';
import type { ProjectionTransaction, RowWriter } from '../ports/projection.js';

interface NameCountRow {
  readonly kind: 'studio' | 'keyword';
  readonly key: string;
  /** As it is spelt: there may be several spellings of one name. */
  readonly name: string;
  readonly movies: number;
}

const nameCounts = table<NameCountRow>('name_counts', ['kind', 'key', 'name']);

/** A film, as far as it has names that are counted. */
interface Named {
  readonly row: {
    readonly status: 'live' | 'removed';
    readonly details: Pick<MovieFacts, 'studios' | 'keywords'>;
  };
}

const KINDS = [
  ['studio', 'studios'],
  ['keyword', 'keywords'],
] as const;

/** How many films that are not removed have each studio and keyword. */
export class NameCounts implements Sums<unknown, Named | undefined> {
  readonly #rows = new Map<string, NameCountRow>();

  change(_: unknown, before: Named | undefined, after: Named | undefined): void {
    for (const [kind, field] of KINDS) {
      const [was, is] = [namesIn(before, field), namesIn(after, field)];
      if (was === is) continue;
      for (const [key, name] of byNameKey(was)) this.#count({ kind, key, name, movies: -1 });
      for (const [key, name] of byNameKey(is)) this.#count({ kind, key, name, movies: 1 });
    }
  }

  add(tx: ProjectionTransaction): Promise<void> {
    return nameCounts.add(tx, [...this.#rows.values()], 'movies');
  }

  write(rows: RowWriter): void {
    writeSums(rows, nameCounts, [...this.#rows.values()]);
  }

  #count(one: NameCountRow): void {
    const id = `${one.kind} ${one.name}`;
    const movies = (this.#rows.get(id)?.movies ?? 0) + one.movies;
    this.#rows.set(id, { ...one, movies });
  }
}

const namesIn = (
  film: Named | undefined,
  field: 'studios' | 'keywords',
): readonly string[] | undefined =>
  film?.row.status === 'live' ? film.row.details[field] : undefined;
