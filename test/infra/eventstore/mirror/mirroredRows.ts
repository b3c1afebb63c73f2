import type { Database } from '../../../../src/infra/postgres/database.js';

/** An event as it stands in a mirror. */
export interface MirroredRow extends Record<string, unknown> {
  readonly ordinal: bigint;
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly recorded_at: Date;
}

/** The rows of the one mirror of a database, in their order. */
export const mirroredRows = (database: Database): Promise<readonly MirroredRow[]> =>
  database.query<MirroredRow>({ text: 'select * from mirror_1.events order by ordinal' });
