import type { Database } from '../../../src/infra/postgres/database.js';
import type { Builder } from '../../../src/projections/engine/rebuild/builder.js';
import { isUnderWay, type Build } from '../../../src/projections/ports/builds.js';
import { eventually } from '../run/eventually.js';

/** Who can be asked for rebuilds, of read models named as it names them. */
interface Rebuildable<Wanted> {
  request(
    wanted: readonly Wanted[],
    options: { readonly requestedBy: string },
  ): Promise<readonly Build[]>;
  find(id: bigint): Promise<Build | undefined>;
}

/** Asks for read models to be made anew, and makes them here. @throws unless all are served in the end */
export const rebuild = async <Wanted>(
  { builds, builder }: { readonly builds: Rebuildable<Wanted>; readonly builder: Builder },
  wanted: readonly Wanted[],
): Promise<void> => {
  const asked = await builds.request(wanted, { requestedBy: 'test' });
  const signal = AbortSignal.timeout(110_000);
  // Again where the lease was lost meanwhile, as a service does; one beside this may have been quicker to take them.
  await eventually('the builds have ended', async () => {
    await builder.run({ signal, names: asked.map(({ name }) => name) });
    const now = await Promise.all(asked.map(({ id }) => builds.find(id)));
    return now.every((build) => build !== undefined && !isUnderWay(build));
  });
  for (const { id, name } of asked) {
    const build = await builds.find(id);
    if (build?.state !== 'served' && build?.state !== 'retired') {
      throw new Error(`${name} is not served: ${build?.state ?? 'gone'}, ${build?.error ?? ''}`);
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
