import type { Rebuild } from '../../../../projections/ports/rebuildStore.js';
import { isUnderWay } from '../../../../projections/ports/rebuildStore.js';
import { table } from '../../terminal/output.js';

const minute = (date: Date | undefined): string =>
  date === undefined ? '' : date.toISOString().slice(0, 16).replace('T', ' ');

const remarkOf = (rebuild: Rebuild): string => {
  if (rebuild.error !== undefined) return rebuild.error;
  if (!isUnderWay(rebuild)) return '';
  return [
    ...(rebuild.led ? [] : ['no process works on it']),
    ...(rebuild.cancelRequested ? ['being cancelled'] : []),
    ...(rebuild.rollsBack ? ['rolls back'] : []),
    ...(rebuild.eventsPerSecond === undefined
      ? []
      : [`${rebuild.eventsPerSecond} events/s at most`]),
  ].join(', ');
};

/** Rebuilds with how each is or ended, for people. */
export const rebuildTable = (rebuilds: readonly Rebuild[]): string =>
  table(
    rebuilds.map((rebuild) => ({
      'read model': rebuild.name,
      version: String(rebuild.version),
      state: rebuild.state,
      position: rebuild.position.toString(),
      target: rebuild.target.toString(),
      'asked for': minute(rebuild.requestedAt),
      by: rebuild.requestedBy,
      finished: minute(rebuild.finishedAt),
      remark: remarkOf(rebuild),
    })),
  );
