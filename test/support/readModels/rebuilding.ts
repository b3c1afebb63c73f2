import type { Database } from '../../../src/infra/postgres/database.js';
import type { Rebuilder } from '../../../src/projections/engine/rebuild/rebuilder.js';
import { isUnderWay, type Rebuild } from '../../../src/projections/ports/rebuildStore.js';
import { eventually } from '../run/eventually.js';

/** Who can be asked for rebuilds, of read models named as it names them. */
interface Rebuildable<Wanted> {
  request(
    wanted: readonly Wanted[],
    options: { readonly requestedBy: string },
  ): Promise<readonly Rebuild[]>;
  find(id: bigint): Promise<Rebuild | undefined>;
}

/** Asks for read models to be made anew, and makes them here. @throws unless all are served in the end */
export const rebuild = async <Wanted>(
  {
    rebuilds,
    rebuilder,
  }: { readonly rebuilds: Rebuildable<Wanted>; readonly rebuilder: Rebuilder },
  wanted: readonly Wanted[],
): Promise<void> => {
  const asked = await rebuilds.request(wanted, { requestedBy: 'test' });
  const signal = AbortSignal.timeout(110_000);
  // Again where the lease was lost meanwhile, as a service does; one beside this may have been quicker to take them.
  await eventually('the rebuilds have ended', async () => {
    await rebuilder.run({ signal, names: asked.map(({ name }) => name) });
    const now = await Promise.all(asked.map(({ id }) => rebuilds.find(id)));
    return now.every((rebuild) => rebuild !== undefined && !isUnderWay(rebuild));
  });
  for (const { id, name } of asked) {
    const rebuild = await rebuilds.find(id);
    if (rebuild?.state !== 'served' && rebuild?.state !== 'retired') {
      throw new Error(
        `${name} is not served: ${rebuild?.state ?? 'gone'}, ${rebuild?.error ?? ''}`,
      );
    }
  }
};

/** As if there had never been a read model of this name. */
export const forget = async (database: Database, name: string): Promise<void> => {
  await database.query({ text: `drop schema if exists "${name}" cascade` });
  for (const table of ['checkpoints', 'builds']) {
    await database.query({
      text: `delete from projections.${table} where name = $1`,
      values: [name],
    });
  }
};
