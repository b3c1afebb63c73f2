import type { LeftOutEvents } from '../../../projections/ports/verification.js';
import type { Queryable } from '../../postgres/database.js';

/** The events that a read model was not given, or not in their turn. */
export const leftOutEvents = async (tx: Queryable, name: string): Promise<LeftOutEvents> => {
  const rows = await tx.query<{
    event_id: string;
    position: bigint;
    state: 'parked' | 'discarded' | 'applied';
  }>({
    name: 'projections.left_out',
    text: `select event_id, position, state from projections.parked_events
           where projection = $1 and state in ('parked', 'discarded', 'applied')`,
    values: [name],
  });
  const count = (wanted: string) => rows.filter(({ state }) => state === wanted).length;
  return {
    missing: new Map(
      rows
        .filter(({ state }) => state !== 'applied')
        .map(({ event_id, position }) => [event_id, position]),
    ),
    parked: count('parked'),
    discarded: count('discarded'),
    late: count('applied'),
  };
};
