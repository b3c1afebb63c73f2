import { randomBytes } from 'node:crypto';
import type { Projection } from '../../../projections/ports/projection.js';
import type { Queryable } from '../../postgres/database.js';
import { quoted } from '../live/schemas.js';

/** The name of a schema that one transaction makes and takes back; nobody else has it. */
export const scratchSchema = (name: string): string =>
  `past_${randomBytes(6).toString('hex')}_${name}`;

/** Makes a read model's tables, which are found first from then on until the transaction ends. */
export const createScratchSchema = async (
  tx: Queryable,
  schema: string,
  { tables }: Projection,
): Promise<void> => {
  await tx.query({ text: `create schema ${quoted(schema)}` });
  await tx.query({ text: `set local search_path to ${quoted(schema)}, public` });
  await tx.query({ text: withoutIndexes(tables) });
};

/** Where rows are read once, a look at all of them costs less than an index does. */
const withoutIndexes = (tables: string): string => tables.replace(/^\s*create index [^;]*;/gim, '');
