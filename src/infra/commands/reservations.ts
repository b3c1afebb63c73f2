import type { Reservations } from '../../commands/ports/reservations.js';
import { Coalescer } from '../postgres/coalescer.js';
import type { Database } from '../postgres/database.js';

interface Wish {
  readonly names: readonly string[];
  readonly owner: string;
}

export const createReservations = (database: Database): Reservations => {
  const reserving = new Coalescer<Wish, ReadonlyMap<string, string>>(
    (wishes) => reserveAll(database, wishes),
    { most: 500, flights: 1 },
  );
  return {
    reserve: (names, owner) =>
      names.length === 0 ? Promise.resolve(new Map()) : reserving.ask({ names, owner }),
    takeOver: async (name, from, to) => {
      const rows = await database.query({
        text: `update reservations set owner = $3, reserved_at = now()
               where name = $1 and owner = $2 returning name`,
        values: [name, from, to],
      });
      return rows.length > 0;
    },
    release: async (names, owner) => {
      if (names.length === 0) return;
      await database.query({
        text: 'delete from reservations where name = any($1) and owner = $2',
        values: [names, owner],
      });
    },
    holders: (names) => holdersOf(database, names),
    releaseAllBut: async (names, owner) => {
      await database.query({
        text: 'delete from reservations where owner = $2 and name <> all($1)',
        values: [names, owner],
      });
    },
  };
};

const reserveAll = async (
  database: Database,
  wishes: readonly Wish[],
): Promise<readonly ReadonlyMap<string, string>[]> => {
  const names = wishes.flatMap((wish) => wish.names);
  const owners = wishes.flatMap((wish) => wish.names.map(() => wish.owner));
  // Of two wishes for one name in a group the first gets it, as it would by itself. Ordered, so that two
  // processes never wait for each other.
  await database.query({
    name: 'reservations.reserve',
    text: `insert into reservations (name, owner)
           select name, (array_agg(owner order by nth))[1]
           from unnest($1::text[], $2::uuid[]) with ordinality as w (name, owner, nth)
           group by name order by name
           on conflict do nothing`,
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
): Promise<ReadonlyMap<string, string>> => {
  const rows = await database.query<{ name: string; owner: string }>({
    name: 'reservations.holders',
    text: 'select name, owner from reservations where name = any($1)',
    values: [names],
  });
  return new Map(rows.map(({ name, owner }) => [name, owner]));
};
