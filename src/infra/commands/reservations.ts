import type { Holder, Reservations } from '../../commands/ports/reservations.js';
import { Coalescer } from '../postgres/coalescer.js';
import type { Database } from '../postgres/database.js';

interface Wish {
  readonly names: readonly string[];
  readonly owner: string;
}

export const createReservations = (database: Database): Reservations => {
  const reserving = new Coalescer<Wish, ReadonlyMap<string, Holder>>(
    (wishes) => reserveAll(database, wishes),
    { most: 500, flights: 1 },
  );
  return {
    reserve: (names, owner) =>
      names.length === 0 ? Promise.resolve(new Map()) : reserving.ask({ names, owner }),
    takeOver: async (names, to) => {
      if (names.length === 0) return;
      await database.query({
        text: `update reservations r set owner = $3, reserved_at = now()
               from unnest($1::text[], $2::uuid[]) as w (name, owner)
               where r.name = w.name and r.owner = w.owner`,
        values: [names.map(({ name }) => name), names.map(({ from }) => from), to],
      });
    },
    release: async (names, owner) => {
      if (names.length === 0) return;
      await database.query({
        text: 'delete from reservations where name = any($1) and owner = $2',
        values: [names, owner],
      });
    },
    holders: (names) =>
      names.length === 0 ? Promise.resolve(new Map()) : holdersOf(database, names),
  };
};

const reserveAll = async (
  database: Database,
  wishes: readonly Wish[],
): Promise<readonly ReadonlyMap<string, Holder>[]> => {
  const names = wishes.flatMap((wish) => wish.names);
  const owners = wishes.flatMap((wish) => wish.names.map(() => wish.owner));
  // Of two wishes for one name in a group the first gets it, as it would by itself. Ordered, so that two
  // processes never wait for each other.
  await database.query({
    name: 'reservations.reserve',
    text: `insert into reservations as r (name, owner)
           select name, (array_agg(owner order by nth))[1]
           from unnest($1::text[], $2::uuid[]) with ordinality as w (name, owner, nth)
           group by name order by name
           on conflict (name) do update set reserved_at = excluded.reserved_at
             where r.owner = excluded.owner`,
    values: [names, owners],
  });
  const holders = await holdersOf(database, names);
  return wishes.map(
    (wish) =>
      new Map(
        wish.names.flatMap((name) => {
          const holder = holders.get(name);
          return holder === undefined ? [] : [[name, holder] as const];
        }),
      ),
  );
};

const holdersOf = async (
  database: Database,
  names: readonly string[],
): Promise<ReadonlyMap<string, Holder>> => {
  const rows = await database.query<{ name: string; owner: string; held_ms: number }>({
    name: 'reservations.holders',
    text: `select name, owner, (extract(epoch from now() - reserved_at) * 1000)::float8 as held_ms
           from reservations where name = any($1)`,
    values: [names],
  });
  return new Map(rows.map(({ name, owner, held_ms: heldMs }) => [name, { owner, heldMs }]));
};
