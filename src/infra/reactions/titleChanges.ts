import type {
  FilmChange,
  NameChange,
  TitleChanges,
  ViewerChange,
} from '../../commands/ports/titleViewers.js';
import type { Connection, Database } from '../postgres/database.js';

/** Writes what some events change of titles and of those who watch them: a few statements, however many events. */
export const applyChanges = (
  database: Database,
  { films, names, viewers }: TitleChanges,
): Promise<void> =>
  database.transaction(async (tx) => {
    if (films.length > 0) await applyFilms(tx, films);
    if (names.length > 0) await applyNames(tx, names);
    const gone = viewers.filter(({ arrived }) => arrived === true);
    if (gone.length > 0) await forgetViewers(tx, gone);
    if (viewers.length > gone.length) {
      await applyViewers(
        tx,
        viewers.filter(({ arrived }) => arrived !== true),
      );
    }
  });

const applyFilms = async (tx: Connection, films: readonly FilmChange[]): Promise<void> => {
  await tx.query({
    name: 'title_changes.films',
    text: `with changes as (
             select * from unnest($1::uuid[], $2::int[], $3::int[], $4::boolean[])
               as c (film_id, learnt, cleared, live)
           ), known as (
             update reactions.films f
             set known = (f.known & ~c.cleared) | c.learnt, live = coalesce(c.live, f.live)
             from changes c where c.film_id = f.film_id returning f.film_id
           )
           insert into reactions.films (film_id, known, live)
           select film_id, learnt, coalesce(live, true) from changes
           where film_id not in (select film_id from known)`,
    values: [
      films.map(({ filmId }) => filmId),
      films.map(({ learnt }) => learnt),
      films.map(({ cleared }) => cleared),
      films.map(({ live }) => live ?? null),
    ],
  });
};

const applyNames = async (tx: Connection, names: readonly NameChange[]): Promise<void> => {
  const ended = names.filter(({ name }) => name === null);
  const given = names.filter(({ name }) => name !== null);
  await tx.query({
    name: 'title_changes.names_ended',
    text: `delete from reactions.title_names n
           using unnest($1::uuid[], $2::text[]) as c (title_id, provider)
           where n.title_id = c.title_id and n.provider = c.provider`,
    values: [ended.map(({ titleId }) => titleId), ended.map(({ provider }) => provider)],
  });
  await tx.query({
    name: 'title_changes.names_given',
    text: `insert into reactions.title_names (title_id, provider, name)
           select c.title_id, c.provider, c.name
           from unnest($1::uuid[], $2::text[], $3::uuid[], $4::boolean[])
             as c (title_id, provider, name, pending)
           where not c.pending
             or not exists (select from reactions.films f where f.film_id = c.title_id)
           on conflict (title_id, provider) do update set name = excluded.name`,
    values: [
      given.map(({ titleId }) => titleId),
      given.map(({ provider }) => provider),
      given.map(({ name }) => name),
      given.map(({ pending }) => pending),
    ],
  });
};

const applyViewers = async (tx: Connection, viewers: readonly ViewerChange[]): Promise<void> => {
  await tx.query({
    name: 'title_changes.viewers',
    // Most people had to do with the title before, and nothing changes.
    text: `with changes as (
             select * from
               unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::boolean[], $6::uuid[])
               as c (title_id, user_id, keep, lacks, moves, moved_to)
           ), changed as (
             update reactions.viewers v
             set lacks = (v.lacks & c.keep) | c.lacks,
                 moved_to = case when c.moves then c.moved_to else v.moved_to end
             from changes c where c.title_id = v.title_id and c.user_id = v.user_id
               and ((v.lacks & c.keep) | c.lacks <> v.lacks
                 or c.moves and c.moved_to is distinct from v.moved_to)
           )
           insert into reactions.viewers (title_id, user_id, lacks, moved_to)
           select title_id, user_id, lacks, moved_to from changes
           on conflict (title_id, user_id) do nothing`,
    values: [
      viewers.map(({ titleId }) => titleId),
      viewers.map(({ userId }) => userId),
      viewers.map(({ keep }) => keep),
      viewers.map(({ lacks }) => lacks),
      viewers.map(({ movedTo }) => movedTo !== undefined),
      viewers.map(({ movedTo }) => movedTo ?? null),
    ],
  });
};

const forgetViewers = async (tx: Connection, viewers: readonly ViewerChange[]): Promise<void> => {
  await tx.query({
    name: 'title_changes.gone',
    text: `delete from reactions.viewers v using unnest($1::uuid[], $2::uuid[]) as c (title_id, user_id)
           where v.title_id = c.title_id and v.user_id = c.user_id`,
    values: [viewers.map(({ titleId }) => titleId), viewers.map(({ userId }) => userId)],
  });
};
