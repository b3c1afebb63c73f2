import type {
  Stray,
  TitleChanges,
  TitleViewers,
  TitleWork,
  Viewer,
} from '../../commands/ports/titleViewers.js';
import { Coalescer } from '../postgres/coalescer.js';
import type { Database } from '../postgres/database.js';
import { applyChanges } from './titleChanges.js';

type Film = Parameters<TitleViewers['workFor']>[0];

/** Who has to do with which titles, in tables that a reaction fills from the log. */
export const createTitleViewers = (database: Database): TitleViewers => {
  const works = new Coalescer<Film, TitleWork>((films) => workFor(database, films), {
    ...{ most: 500, flights: 2 },
  });
  const pending = new Coalescer<readonly string[], readonly string[]>(
    (wanted) => pendingTitles(database, wanted),
    { most: 500, flights: 2 },
  );
  return {
    apply: (changes) => applyChanges(database, changes),
    workAfter: (changes) => workAfter(database, changes),
    underWay: () =>
      // The order is that of the index of the few rows: without it PostgreSQL may well read the whole table.
      database.query<Viewer & Row>({
        text: `select ${VIEWER} from reactions.viewers v where v.moved_to is not null
               order by v.user_id limit 1000`,
      }),
    workFor: (film) => works.ask(film),
    pendingTitles: (ids) => pending.ask(ids),
    forget: async () => {
      await database.query({
        text: 'truncate reactions.films, reactions.title_names, reactions.viewers',
      });
    },
  };
};

type Row = Record<string, unknown>;

const VIEWER = 'v.user_id as "userId", v.title_id as "titleId"';

/** `n` names titles that are no live film and `v` watches them; `m` gives a live film the same name. */
const STRAYS = `
  reactions.title_names n
  join reactions.title_names m on m.name = n.name and m.title_id <> n.title_id
  join reactions.films f on f.film_id = m.title_id and f.live
  join reactions.viewers v on v.title_id = n.title_id and v.moved_to is null
  where not exists (select from reactions.films s where s.film_id = n.title_id and s.live)`;

const workAfter = async (database: Database, changes: TitleChanges): Promise<TitleWork> => {
  const [lacking, strays] = await Promise.all([
    lackingAfter(database, changes),
    straysAfter(database, changes),
  ]);
  return { lacking, strays };
};

const lackingAfter = async (
  database: Database,
  { films, viewers }: TitleChanges,
): Promise<readonly Viewer[]> => {
  const learnt = films.filter((film) => film.learnt !== 0).map(({ filmId }) => filmId);
  const lacking = viewers.filter(({ lacks }) => lacks !== 0);
  if (learnt.length + lacking.length === 0) return [];
  return database.query<Viewer & Row>({
    name: 'title_viewers.lacking_after',
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

const straysAfter = async (
  database: Database,
  { films, names }: TitleChanges,
): Promise<readonly Stray[]> => {
  const titles = names.flatMap(({ pending, titleId }) => (pending ? titleId : []));
  const removed = films.flatMap(({ live, filmId }) => (live === false ? filmId : []));
  const named = names.flatMap(({ pending, name, titleId }) =>
    pending || name === null ? [] : titleId,
  );
  const restored = films.flatMap(({ live, filmId }) => (live === true ? filmId : []));
  const sources = [...new Set([...titles, ...removed])];
  const targets = [...new Set([...named, ...restored])];
  if (sources.length + targets.length === 0) return [];
  return database.query<Stray & Row>({
    name: 'title_viewers.strays_after',
    text: `select distinct on (s."titleId", s."userId") "userId", "titleId", "filmId" from (
             select ${VIEWER}, f.film_id as "filmId", m.provider from ${STRAYS}
               and n.title_id = any($1::uuid[])
             union all
             select ${VIEWER}, f.film_id as "filmId", m.provider from ${STRAYS}
               and m.title_id = any($2::uuid[])
           ) s order by s."titleId", s."userId", s.provider = 'tmdb' desc, s."filmId"`,
    values: [sources, targets],
  });
};

const workFor = async (
  database: Database,
  wanted: readonly Film[],
): Promise<readonly TitleWork[]> => {
  const [lacking, strays] = await Promise.all([
    database.query<Viewer & { nth: number }>({
      name: 'title_viewers.lacking_for',
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
    }),
    database.query<Stray & { nth: number }>({
      name: 'title_viewers.strays_for',
      text: `select distinct w.nth, ${VIEWER}, w.film_id as "filmId"
             from unnest($1::int[], $2::uuid[], $3::uuid[]) as w (nth, film_id, name)
             join reactions.title_names n on n.name = w.name and n.title_id <> w.film_id
             join reactions.viewers v on v.title_id = n.title_id and v.moved_to is null
             where not exists (select from reactions.films s where s.film_id = n.title_id and s.live)`,
      values: [
        wanted.flatMap(({ names }, index) => names.map(() => index + 1)),
        wanted.flatMap(({ names, filmId }) => names.map(() => filmId)),
        wanted.flatMap(({ names }) => names),
      ],
    }),
  ]);
  const found = wanted.map(() => ({ lacking: [] as Viewer[], strays: [] as Stray[] }));
  for (const { nth, ...viewer } of lacking) found[nth - 1]?.lacking.push(viewer);
  for (const { nth, ...stray } of strays) found[nth - 1]?.strays.push(stray);
  return found.map(({ strays: all, ...work }, index) => ({
    ...work,
    strays: all.slice(0, wanted[index]?.atMost),
  }));
};

const pendingTitles = async (
  database: Database,
  wanted: readonly (readonly string[])[],
): Promise<readonly (readonly string[])[]> => {
  const rows = await database.query<{ nth: number; titleId: string }>({
    name: 'title_viewers.pending',
    text: `select w.nth, w.title_id as "titleId"
           from unnest($1::int[], $2::uuid[]) as w (nth, title_id)
           where exists (select from reactions.viewers v
                         where v.title_id = w.title_id and v.moved_to is null)
             and not exists (select from reactions.films f where f.film_id = w.title_id)
           order by w.nth, w.title_id`,
    values: [wanted.flatMap((ids, index) => ids.map(() => index + 1)), wanted.flat()],
  });
  const found = wanted.map((): string[] => []);
  for (const { nth, titleId } of rows) found[nth - 1]?.push(titleId);
  return found;
};
