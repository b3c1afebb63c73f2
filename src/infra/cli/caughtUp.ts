import { setTimeout as sleep } from 'node:timers/promises';
import type { ProjectionEngine } from '../../projections/engine/engine.js';

const POLL_MS = 50;

/** Resolves once every read model has reached the position. */
export const untilCaughtUp = async (
  engine: ProjectionEngine,
  position: bigint,
  options: { readonly signal: AbortSignal; readonly onProgress?: (slowest: bigint) => void },
): Promise<void> => {
  for (;;) {
    const statuses = await engine.status();
    const slowest = statuses.reduce(
      (least, status) => (status.position < least ? status.position : least),
      position,
    );
    options.onProgress?.(slowest);
    if (slowest >= position) return;
    await sleep(POLL_MS, undefined, { signal: options.signal });
  }
};
