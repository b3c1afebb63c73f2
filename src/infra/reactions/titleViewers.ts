import type { TitleChanges, TitleViewers, Viewer } from '../../commands/ports/titleViewers.js';
import { Coalescer } from '../postgres/coalescer.js';
import type { Database } from '../postgres/database.js';

interface Lookup {
  readonly filmId: string;
  readonly known: number;
  readonly atMost: number;
}

/** Who waits for facts of which titles, in tables that the reaction fills from the log. */
export const createTitleViewers = (database: Database): TitleViewers => {
  const lookups = new Coalescer<Lookup, readonly Viewer[]>(
    (wanted) => lackingOf(database, wanted),
    { most: 500, flights: 2 },
  );
  return {
    apply: (changes) => apply(database, changes),
    waiting: (changes) => waiting(database, changes),
    lacking: (filmId, known, atMost) => lookups.ask({ filmId, known, atMost }),
    forget: async () => {
      await database.query({
        text: 'truncate reactions.films, reactions.title_names, reactions.viewers',
      });
    },
  };
};

const apply = (database: Database, { films, viewers }: TitleChanges): Promise<void> =>
  database.transaction(async (tx) => {
    if (films.length > 0) {
      await tx.query({
        name: 'title_viewers.films',
        text: `with changes as (
                 select * from unnest($1::uuid[], $2::int[], $3::int[]) as c (film_id, learnt, cleared)
               ), known as (
                 update reactions.films f set known = (f.known & ~c.cleared) | c.learnt
                 from changes c where c.film_id = f.film_id returning f.film_id
               )
               insert into reactions.films (film_id, known, live)
               select film_id, learnt, true from changes
               where film_id not in (select film_id from known)`,
        values: [
          films.map(({ filmId }) => filmId),
          films.map(({ learnt }) => learnt),
          films.map(({ cleared }) => cleared),
        ],
      });
    }
    if (viewers.length > 0) {
      await tx.query({
        name: 'title_viewers.viewers',
        text: `with changes as (
                 select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[])
                   as c (title_id, user_id, keep, lacks)
               ), known as (
                 update reactions.viewers v set lacks = (v.lacks & c.keep) | c.lacks
                 from changes c where c.title_id = v.title_id and c.user_id = v.user_id
                 returning v.title_id, v.user_id
               )
               insert into reactions.viewers (title_id, user_id, lacks)
               select title_id, user_id, lacks from changes
               where (title_id, user_id) not in (select title_id, user_id from known)`,
        values: [
          viewers.map(({ titleId }) => titleId),
          viewers.map(({ userId }) => userId),
          viewers.map(({ keep }) => keep),
          viewers.map(({ lacks }) => lacks),
        ],
      });
    }
  });

const VIEWER = 'v.user_id as "userId", v.title_id as "titleId"';

const waiting = async (
  database: Database,
  { films, viewers }: TitleChanges,
): Promise<readonly Viewer[]> => {
  const learnt = films.filter((film) => film.learnt !== 0).map(({ filmId }) => filmId);
  const lacking = viewers.filter(({ lacks }) => lacks !== 0);
  if (learnt.length + lacking.length === 0) return [];
  return database.query<Viewer & Record<string, unknown>>({
    name: 'title_viewers.waiting',
    text: `select ${VIEWER} from reactions.viewers v
           join reactions.films f on f.film_id = v.title_id
           where v.title_id = any($1::uuid[]) and v.lacks & f.known <> 0
           union
           select ${VIEWER} from unnest($2::uuid[], $3::uuid[]) as c (title_id, user_id)
           join reactions.viewers v on v.title_id = c.title_id and v.user_id = c.user_id
           join reactions.films f on f.film_id = v.title_id
           where v.lacks & f.known <> 0`,
    values: [learnt, lacking.map(({ titleId }) => titleId), lacking.map(({ userId }) => userId)],
  });
};

const lackingOf = async (
  database: Database,
  wanted: readonly Lookup[],
): Promise<readonly (readonly Viewer[])[]> => {
  const rows = await database.query<Viewer & { nth: number }>({
    name: 'title_viewers.lacking',
    text: `select w.nth::int as nth, v.* from unnest($1::uuid[], $2::int[], $3::int[])
             with ordinality as w (film_id, known, at_most, nth)
           cross join lateral (
             select ${VIEWER} from reactions.viewers v
             where v.title_id = w.film_id and v.lacks & w.known <> 0 limit w.at_most
           ) v`,
    values: [
      wanted.map(({ filmId }) => filmId),
      wanted.map(({ known }) => known),
      wanted.map(({ atMost }) => atMost),
    ],
  });
  const found = wanted.map((): Viewer[] => []);
  for (const { nth, ...viewer } of rows) found[nth - 1]?.push(viewer);
  return found;
};
