import { exitCodeOf, exitCodes } from '../../exitCodes.js';
import { json } from '../../terminal/output.js';
import type { Paint } from '../../report/paint.js';
import { openLiveScreen, type ScreenInput, type ScreenOutput } from './liveScreen.js';
import type { ProjectionSeen, Seen } from './projectionsSeen.js';
import { projectionLine, projectionsView } from './projectionsView.js';
import { pause } from '../../../../commands/ports/waiting.js';

/** Looks at the read models; rejects where the database or the log is away. */
export type Look = () => Promise<Seen>;

const LOOK_MS = 500;

interface Watching {
  readonly look: Look;
  readonly signal: AbortSignal;
  /** Between two looks, in milliseconds; default 500. */
  readonly everyMs?: number;
}

/** Shows the read models on the whole screen until somebody quits or the signal aborts. */
export const watchOnScreen = async (
  { look, signal, everyMs = LOOK_MS }: Watching,
  terminal: { readonly output: ScreenOutput; readonly input: ScreenInput; readonly paint: Paint },
): Promise<void> => {
  const { output, input, paint } = terminal;
  const screen = openLiveScreen(output, input);
  const over = AbortSignal.any([signal, screen.quit]);
  let seen: Seen | undefined;
  try {
    for await (const looked of looks(look, over, everyMs)) {
      seen = 'away' in looked ? seen : looked;
      const away = 'away' in looked ? looked : {};
      screen.show((room) => projectionsView(seen, { room, paint, ...away }));
    }
  } finally {
    screen.close();
  }
};

/** Writes a line for each read model that has changed since the line before, as text or as JSON. */
export const watchAsLines = async (
  { look, signal, everyMs = LOOK_MS }: Watching,
  { write, asJson }: { readonly write: (line: string) => Promise<void>; readonly asJson: boolean },
): Promise<void> => {
  const before = new Map<string, string>();
  let away: string | undefined;
  for await (const looked of looks(look, signal, everyMs)) {
    if ('away' in looked) {
      if (away !== looked.away && !asJson) await write(`${looked.away}; trying again`);
      away = looked.away;
      continue;
    }
    away = undefined;
    for (const projection of looked.projections) {
      const now = gist(projection);
      if (before.get(projection.name) === now) continue;
      before.set(projection.name, now);
      await write(
        asJson
          ? json({ at: looked.at.toISOString(), ...projection })
          : projectionLine(looked.at, projection),
      );
    }
  }
};

/** What makes a change worth a line; the age of a lag alone does not. */
const gist = ({ state, schema, position, parked, stalled, rebuild }: ProjectionSeen): string =>
  json([state, schema, position, parked, stalled, rebuild?.state, rebuild?.share]);

/** What is seen, over and over, until the signal aborts; what is away is said, and looked for again. */
async function* looks(
  look: Look,
  signal: AbortSignal,
  everyMs: number,
): AsyncGenerator<Seen | { readonly away: string }, void> {
  while (!signal.aborted) {
    try {
      yield await look();
    } catch (error) {
      if (exitCodeOf(error) !== exitCodes.databaseUnavailable) throw error;
      yield { away: error instanceof Error ? error.message : String(error) };
    }
    await pause(everyMs, signal);
  }
}
