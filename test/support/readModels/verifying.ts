import { createScratchSites } from '../../../src/infra/readModels/scratch/scratchSites.js';
import type { Database } from '../../../src/infra/postgres/database.js';
import { blamesEvent } from '../../../src/infra/readModels/parking/poison.js';
import type { EventStore } from '../../../src/commands/ports/eventStore.js';
import {
  createVerifier,
  type Finding,
  type Verdict,
  type VerifyOptions,
} from '../../../src/projections/engine/verify/verification.js';
import type { Projection } from '../../../src/projections/ports/projection.js';
import type { RowDifference } from '../../../src/projections/ports/verification.js';
import { testLogger } from '../run/logger.js';

/** What a verification found of one read model. */
export interface Verified {
  readonly name: string;
  readonly verdict: Verdict;
  readonly differences: readonly RowDifference[];
}

/** Small pages: what a large history meets happens in a small one as well. */
const SMALL = { pageSize: 7 };

/** Verifies read models, all of those given unless some are named, in their order. */
export const verified = async (
  {
    database,
    eventStore,
    projections,
  }: {
    readonly database: Database;
    readonly eventStore: EventStore;
    readonly projections: readonly Projection[];
  },
  options: Partial<VerifyOptions> & { readonly names?: readonly string[] } = {},
): Promise<readonly Verified[]> => {
  const verifier = createVerifier({
    ...{ eventStore, projections, ...SMALL },
    scratch: createScratchSites(database, testLogger),
    parking: { blames: blamesEvent },
  });
  const { names = verifier.names, signal = new AbortController().signal, ...others } = options;
  const found: Finding[] = [];
  for await (const finding of verifier.verify(names, { signal, ...others })) found.push(finding);
  return found.flatMap((finding) => {
    if (!('verdict' in finding)) return [];
    const { name, verdict } = finding;
    const differences = found.flatMap((other) =>
      other.name === name && 'difference' in other ? [other.difference] : [],
    );
    return [{ name, verdict, differences }];
  });
};

/** The schemas that verifications have made and not dropped. */
export const scratchSchemas = async (database: Database): Promise<readonly string[]> => {
  const rows = await database.query<{ name: string }>({
    text: `select nspname as name from pg_namespace where nspname like 'verify\\_%' order by 1`,
  });
  return rows.map(({ name }) => name);
};
