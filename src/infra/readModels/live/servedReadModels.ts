import { createHash } from 'node:crypto';
import {
  ReadModelsMoved,
  ReadModelsUnavailable,
  type ReadModels,
  type ServedReadModels,
} from '../../../queries/ports/readModels.js';
import type { Queryable } from '../../postgres/database.js';
import { DatabaseUnavailable, isNotThere, sqlState } from '../../postgres/databaseErrors.js';
import { quoted } from './schemas.js';
import { pause } from '../../../commands/ports/waiting.js';

/** SQLSTATEs `undefined_column`, `undefined_function`: the rows are those of an older version of the code. */
const OTHER_VERSION = ['42703', '42883'];

const MADE_LIMIT_MS = 10_000;
const LOOK_AGAIN_MS = 20;

const PLACEHOLDER = /\{([a-z_]+)\}/g;

/** Knows in which schema each read model is served, and reads there. */
export interface ServedSchemas extends ServedReadModels {
  /** A read model is served from this schema from now on. */
  serves(name: string, schema: string): void;
  /** Looks up where all of them are. */
  refresh(): Promise<void>;
  /** Waits until all of these have tables, on a first start, or the limit is over. */
  made(names: readonly string[], signal: AbortSignal): Promise<void>;
}

/** The schemas of the read models' rows, by name, as the checkpoints have them. */
export const schemasOf = async (database: Queryable): Promise<ReadonlyMap<string, string>> => {
  const rows = await database.query<{ name: string; schema: string }>({
    name: 'read_models.schemas',
    text: 'select name, schema from projections.checkpoints',
  });
  return new Map(rows.map(({ name, schema }) => [name, schema]));
};

/** Reads with `{name}` in the text replaced by the schema of that read model. */
export const readModelsIn = (
  database: Queryable,
  schemaOf: (name: string) => string,
): ReadModels => {
  const bound = binder(schemaOf);
  return {
    query: (statement) => {
      const { text, place } = bound(statement.text);
      return database.query({
        ...statement,
        text,
        // The same text of another schema is another statement.
        ...(statement.name === undefined ? {} : { name: `${statement.name}/${place}` }),
      });
    },
  };
};

/** Lets queries read through the pool. */
export const createServedReadModels = (database: Queryable): ServedSchemas => {
  let schemas: ReadonlyMap<string, string> = new Map();
  let served = readModelsIn(database, (name) => schemas.get(name) ?? name);

  const use = (known: ReadonlyMap<string, string>): void => {
    if (known.size === schemas.size && [...known].every(([n, s]) => schemas.get(n) === s)) return;
    schemas = known;
    served = readModelsIn(database, (name) => known.get(name) ?? name);
  };
  /** Until it is known where all of them are, a name might be that of rows which were served once. */
  let isKnown = false;
  const refresh = async (): Promise<void> => {
    use(await schemasOf(database));
    isKnown = true;
  };

  /** What was bound to one state of the schemas stays so, whatever changes meanwhile. */
  const now = (): ReadModels => {
    let bound = served;
    let isBound = isKnown;
    return {
      query: async (statement) => {
        if (!isBound) {
          // Where even this is not there, nothing was made yet.
          await refresh().catch(() => undefined);
          bound = served;
          isBound = true;
        }
        try {
          return await bound.query(statement);
        } catch (error) {
          if (error instanceof DatabaseUnavailable) {
            throw new ReadModelsUnavailable(error.message, { cause: error });
          }
          const state = sqlState(error) ?? '';
          if (OTHER_VERSION.includes(state) && statement.text.search(PLACEHOLDER) >= 0) {
            throw new ReadModelsUnavailable('The read models are being rebuilt for this version.', {
              cause: error,
            });
          }
          // On a first start questions may come before the tables.
          if (!isNotThere(error)) throw error;
          // Where even this is not there, nothing was made yet.
          await refresh().catch(() => undefined);
          if (served !== bound) {
            throw new ReadModelsMoved('The rows were dropped meanwhile.', { cause: error });
          }
          throw new ReadModelsUnavailable('The read models are not made yet.', { cause: error });
        }
      },
    };
  };
  return {
    now,
    refresh,
    made: async (names, signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(MADE_LIMIT_MS)]);
      for (;;) {
        await refresh();
        if (limit.aborted || names.every((name) => schemas.has(name))) return;
        await pause(LOOK_AGAIN_MS, limit);
      }
    },
    serves: (name, schema) => {
      if (schemas.get(name) !== schema) use(new Map([...schemas, [name, schema]]));
    },
  };
};

interface BoundText {
  readonly text: string;
  /** Stands for the schemas in it. */
  readonly place: string;
}

/** Puts schemas into texts; each text is looked at once. */
const binder = (schemaOf: (name: string) => string) => {
  const known = new Map<string, BoundText>();
  return (text: string) => {
    const before = known.get(text);
    if (before) return before;
    const schemas = new Set<string>();
    const bound = {
      text: text.replace(PLACEHOLDER, (_, name: string) => {
        const schema = schemaOf(name);
        schemas.add(schema);
        return quoted(schema);
      }),
      place: '',
    };
    // A digest, for PostgreSQL takes names of 63 bytes.
    bound.place = createHash('sha1')
      .update([...schemas].join())
      .digest('base64url')
      .slice(0, 8);
    // Texts made for one question differ in their filters alone: there are not many.
    if (known.size < MOST_TEXTS) known.set(text, bound);
    return bound;
  };
};

const MOST_TEXTS = 1_000;
