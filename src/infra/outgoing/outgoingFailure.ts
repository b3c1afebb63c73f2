/** How a request to somebody else's server failed. */
export type FailedRequest =
  /** No connection, or one that ended before the answer did. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'timeout'; readonly limitMs: number }
  | {
      readonly kind: 'status';
      readonly status: number;
      /** For how long the server asks to be left alone, in milliseconds. */
      readonly retryAfterMs?: number;
    }
  /** The answer is not what was asked for: no JSON, or JSON of another form. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  /** A host that is not configured, or one that is and has an address inside the network. */
  | { readonly kind: 'address-refused' }
  /** It failed so often of late that it is not asked for a while. */
  | { readonly kind: 'circuit-open' };

/** A request to a provider that has no answer. Its message has no key and no query in it. */
export class OutgoingFailure extends Error {
  override readonly name = 'OutgoingFailure';

  constructor(
    readonly provider: string,
    readonly failure: FailedRequest,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${provider}: ${message}`, options);
  }
}

/** Whether the same request may have an answer a moment later: of the statuses of 4xx, these three (RFC 9110, 6585). */
export const isTransient = (failure: FailedRequest): boolean => {
  switch (failure.kind) {
    case 'unreachable':
    case 'timeout':
      return true;
    case 'status':
      return [408, 425, 429].includes(failure.status) || failure.status >= 500;
    case 'malformed':
    case 'too-large':
    case 'address-refused':
    case 'circuit-open':
      return false;
    default:
      return failure satisfies never;
  }
};

/** Whether it tells that the provider is out of order; one that is busy, or finds nothing, is not. */
export const isOutage = (failure: FailedRequest): boolean =>
  isTransient(failure) && !(failure.kind === 'status' && failure.status === 429);
