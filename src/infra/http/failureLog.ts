import type { Logger } from 'pino';
import type { Problem } from './problems.js';

/** Of refusals of one kind, one in so long is logged, in milliseconds, with the number of the others. */
const REFUSAL_EVERY_MS = 10_000;

export type FailureLog = (
  error: unknown,
  problem: Problem,
  request: { readonly method: string; readonly url: string; readonly correlationId: unknown },
) => void;

/**
 * Logs what failed. A mistake of ours is an error, each time. That the service cannot answer now (503) happens to
 * everybody at once, and by the thousand: one warning of each kind in ten seconds says so.
 */
export const createFailureLog = (logger: Logger, now = () => performance.now()): FailureLog => {
  const refusals = new Map<string, { since: number; unsaid: number }>();

  const isSaid = (kind: string): { readonly unsaid: number } | undefined => {
    const at = now();
    const last = refusals.get(kind);
    if (last && at - last.since < REFUSAL_EVERY_MS) {
      last.unsaid += 1;
      return undefined;
    }
    refusals.set(kind, { since: at, unsaid: 0 });
    return { unsaid: last?.unsaid ?? 0 };
  };

  return (err, { status, code, title, detail }, request) => {
    if (status < 500) return;
    const about = { err, ...request };
    if (status !== 503) {
      logger.error(about, title);
      return;
    }
    // Few: details are sentences of ours.
    const said = isSaid(`${code} ${detail ?? ''}`);
    if (said) logger.warn({ ...about, ...(said.unsaid > 0 ? said : {}) }, title);
  };
};
