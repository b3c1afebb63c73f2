import type { ProjectionEngine } from '../../../projections/engine/live/engine.js';
import { pause } from '../../../commands/ports/waiting.js';

const POLL_MS = 50;

/** Resolves once every read model has reached the position; rejects with the signal's reason. */
export const untilCaughtUp = async (
  engine: ProjectionEngine,
  position: bigint,
  options: { readonly signal: AbortSignal; readonly onProgress?: (slowest: bigint) => void },
): Promise<void> => {
  const { signal } = options;
  for (;;) {
    const statuses = await engine.status();
    const slowest = statuses.reduce(
      (least, status) => (status.position < least ? status.position : least),
      position,
    );
    options.onProgress?.(slowest);
    if (slowest >= position) return;
    await pause(POLL_MS, signal);
    signal.throwIfAborted();
  }
};
