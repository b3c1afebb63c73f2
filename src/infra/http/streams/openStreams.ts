import { problem, RequestProblem } from '../problems.js';

/** How streams of events are kept within bounds, in milliseconds. */
export interface StreamLimits {
  /** How many may be open in this process. */
  readonly most: number;
  /** How often one says that it lives: proxies close what is silent, and who went away is found out by it. */
  readonly heartbeatMs: number;
  /** One ends after so long and is to be asked for again: tokens are revoked meanwhile. */
  readonly lifeMs: number;
  /** What one sent is to be taken within this time. */
  readonly stalledMs: number;
  /** How soon the reader is to come again when one ends. */
  readonly retryMs: number;
}

const usual: StreamLimits = {
  ...{ most: 32, heartbeatMs: 15_000, lifeMs: 900_000 },
  ...{ stalledMs: 30_000, retryMs: 2_000 },
};

/** The streams of events that this process sends. */
export interface OpenStreams {
  readonly limits: StreamLimits;
  /** Aborts when the service stops: streams end, for their readers would wait for ever. */
  readonly closing: AbortSignal;
  /** @returns how to say that it has ended. @throws {RequestProblem} 503 when too many are open */
  open(): () => void;
}

export const createOpenStreams = (
  closing: AbortSignal,
  limits: Partial<StreamLimits> = {},
): OpenStreams => {
  const all = { ...usual, ...limits };
  let open = 0;
  return {
    limits: all,
    closing,
    open: () => {
      if (open >= all.most) {
        throw new RequestProblem(
          problem(503, 'unavailable', `${all.most} streams are open, and no more can be.`, {
            'Retry-After': String(Math.ceil(all.retryMs / 1000)),
          }),
        );
      }
      open += 1;
      let ended = false;
      return () => {
        if (!ended) open -= 1;
        ended = true;
      };
    },
  };
};
