import type { Build } from '../../../../projections/ports/builds.js';
import { isUnderWay } from '../../../../projections/ports/builds.js';
import { table } from '../../terminal/output.js';

const minute = (date: Date | undefined): string =>
  date === undefined ? '' : date.toISOString().slice(0, 16).replace('T', ' ');

const remarkOf = (build: Build): string => {
  if (build.error !== undefined) return build.error;
  if (!isUnderWay(build)) return '';
  return [
    ...(build.led ? [] : ['no process works on it']),
    ...(build.cancelRequested ? ['being cancelled'] : []),
    ...(build.rollsBack ? ['rolls back'] : []),
    ...(build.eventsPerSecond === undefined ? [] : [`${build.eventsPerSecond} events/s at most`]),
  ].join(', ');
};

/** Rebuilds with how each is or ended, for people. */
export const buildTable = (builds: readonly Build[]): string =>
  table(
    builds.map((build) => ({
      'read model': build.name,
      version: String(build.version),
      state: build.state,
      position: build.position.toString(),
      target: build.target.toString(),
      'asked for': minute(build.requestedAt),
      by: build.requestedBy,
      finished: minute(build.finishedAt),
      remark: remarkOf(build),
    })),
  );
