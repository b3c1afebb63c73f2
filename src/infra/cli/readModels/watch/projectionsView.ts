import { progressBar } from '../../report/bars.js';
import { columnsOf, fitted, padded } from '../../report/columns.js';
import type { Paint } from '../../report/paint.js';
import type { ProjectionSeen, RebuildSeen, Seen } from './projectionsSeen.js';

/** The room that there is. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

/** What is told in place of a look that failed. */
export interface Away {
  readonly away: string;
}

const BAR = 20;
const HINT = 'q: quit';

/** The read models on a screen of this size, one line each and one more for a rebuild: never wider or higher. */
export const projectionsView = (
  seen: Seen | undefined,
  { room, paint, away }: { readonly room: Room; readonly paint: Paint } & Partial<Away>,
): readonly string[] => {
  const body = seen ? bodyOf(seen, room.columns, paint) : [];
  const top = seen ? headingOf(seen) : 'Reellog';
  const end = away === undefined ? HINT : `${away}; trying again. ${HINT}`;
  const space = Math.max(0, room.rows - 2);
  const shown = body.length <= space ? body : [...body.slice(0, Math.max(0, space - 1)), MORE];
  return [
    paint.heading(fitted(top, room.columns)),
    ...shown,
    paint.faint(fitted(end, room.columns)),
  ].slice(0, room.rows);
};

const MORE = '…';

const headingOf = ({ at, head, projections }: Seen): string => {
  const time = at.toTimeString().slice(0, 8);
  return `Reellog: ${projections.length} read models, the log at ${grouped(head)}, ${time}`;
};

const HEADINGS = [
  'name',
  'state',
  'schema',
  'position',
  'lag',
  'age',
  'events/s',
  'parked',
] as const;
/** Numbers stand below each other from the right. */
const LEFT = 3;

const bodyOf = ({ projections }: Seen, columns: number, paint: Paint): readonly string[] => {
  const table = [HEADINGS, ...projections.map(cellsOf)];
  const widths = HEADINGS.map((_, nth) =>
    Math.max(...table.map((cells) => columnsOf(cells[nth] ?? ''))),
  );
  const lines = table.map((cells) => {
    const aligned = cells.map((cell, nth) => {
      const width = widths[nth] ?? 0;
      return nth < LEFT ? padded(cell, width) : cell.padStart(width);
    });
    return fitted(aligned.join('  ').trimEnd(), columns);
  });
  return [
    paint.faint(lines[0] ?? ''),
    ...projections.flatMap((projection, nth) => {
      const line = lines[nth + 1] ?? '';
      const detail = detailOf(projection);
      const stands = projection.state === 'failing' || projection.stalled || projection.parked > 0;
      return [
        stands ? paint.earned(line) : line,
        ...(detail === undefined ? [] : [paint.ink(fitted(detail, columns))]),
      ];
    }),
  ];
};

const cellsOf = (projection: ProjectionSeen): readonly string[] => [
  projection.name,
  projection.stalled ? `${projection.state} (stalled)` : projection.state,
  projection.schema,
  grouped(projection.position),
  grouped(projection.lagEvents),
  projection.lagSeconds === 0 ? '–' : duration(projection.lagSeconds),
  grouped(Math.round(projection.rate)),
  grouped(projection.parked),
];

const detailOf = ({ rebuild, error }: ProjectionSeen): string | undefined => {
  if (rebuild) return `  rebuild: ${rebuildText(rebuild)}`;
  return error === undefined ? undefined : `  ${oneLine(error)}`;
};

const rebuildText = ({ state, share, rate, secondsLeft }: RebuildSeen): string => {
  if (state === 'waiting') return state;
  const left = secondsLeft === undefined ? '' : `, ${duration(secondsLeft)} left`;
  const done = `${progressBar(share, 1, BAR)} ${Math.floor(share * 100)} %`;
  return `${state} ${done}, ${grouped(Math.round(rate))} events/s${left}`;
};

/** A read model in a line of its own, for output that is no terminal. */
export const projectionLine = (at: Date, projection: ProjectionSeen): string => {
  const { name, schema, state, position, lagEvents, lagSeconds, parked, stalled } = projection;
  const { rebuild, error } = projection;
  return [
    `${at.toISOString()} ${name} ${state}${stalled ? ' stalled' : ''}`,
    ...(schema === name ? [] : [`rows in ${schema}`]),
    `position ${position}`,
    `lag ${lagEvents} events, ${Math.round(lagSeconds * 10) / 10} s`,
    ...(parked > 0 ? [`parked ${parked}`] : []),
    ...(rebuild ? [`rebuild ${rebuild.state} ${Math.floor(rebuild.share * 100)} %`] : []),
    ...(error === undefined ? [] : [oneLine(error)]),
  ].join(', ');
};

/** An error is text of anybody's making: nothing in it steers the terminal. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

const grouped = (count: bigint | number): string => count.toLocaleString('en');

const duration = (seconds: number): string => {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
};
