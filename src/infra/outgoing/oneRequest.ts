import { Agent, fetch, type Response } from 'undici';
import { InternalAddress, isInternal, lookupOutside, type AllowedOrigin } from './addresses.js';
import { OutgoingFailure } from './outgoingFailure.js';

/** What one request is bounded by. */
export interface RequestLimits {
  /** From the first byte out to the last byte in. */
  readonly timeoutMs: number;
  /** Of the answer, unpacked. */
  readonly maxBytes: number;
}

/** An answer that is not a failure: of a status of 2xx, or 304. */
export interface Answered {
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: Buffer;
}

/** One attempt to get something from a provider. */
export interface OneRequest {
  /** @throws {OutgoingFailure} */
  get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answered>;
  close(): Promise<void>;
}

const REDIRECTS = 3;
const CONNECT_MS = 5_000;

/** Requests to the origins of one provider alone, those of redirects included. */
export const createOneRequest = (
  provider: string,
  origins: readonly AllowedOrigin[],
  { timeoutMs, maxBytes }: RequestLimits,
): OneRequest => {
  const options = { keepAliveTimeout: 10_000, headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  const outside = new Agent({
    ...options,
    connect: { timeout: CONNECT_MS, lookup: lookupOutside },
  });
  const anywhere = new Agent({ ...options, connect: { timeout: CONNECT_MS } });

  const agentFor = ({ origin, hostname }: URL): Agent => {
    const allowed = origins.find((one) => one.origin === origin);
    if (!allowed) throw refused(`${origin} is no address that is configured`);
    if (allowed.mayBeInternal) return anywhere;
    if (isInternal(hostname)) throw refused(`${origin} is an address inside the network`);
    return outside;
  };

  const refused = (message: string, cause?: unknown): OutgoingFailure =>
    new OutgoingFailure(provider, { kind: 'address-refused' }, message, { cause });

  const followed = async (
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response> => {
    let place = url;
    for (let redirects = 0; ; redirects += 1) {
      const response = await fetch(place, {
        // A key is for the one that it was asked for.
        headers: place.origin === url.origin ? headers : withoutKey(headers),
        dispatcher: agentFor(place),
        redirect: 'manual',
        signal,
      });
      const location = response.headers.get('location');
      if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
        return response;
      }
      await response.body?.cancel();
      if (redirects === REDIRECTS || !URL.canParse(location, place.href)) {
        throw refused(`${place.origin} redirects too often, or to nowhere`);
      }
      place = new URL(location, place);
    }
  };

  const answered = async (response: Response): Promise<Answered> => {
    const { status } = response;
    if (!response.ok && status !== 304) {
      await response.body?.cancel();
      const retryAfterMs = retryAfter(response.headers.get('retry-after'));
      throw new OutgoingFailure(
        provider,
        { kind: 'status', status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
        `answered ${status}`,
      );
    }
    const etag = response.headers.get('etag') ?? undefined;
    return { status, etag, body: await bodyOf(response) };
  };

  const bodyOf = async (response: Response): Promise<Buffer> => {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    const body: AsyncIterable<Uint8Array> | null = response.body;
    for await (const part of body ?? []) {
      bytes += part.byteLength;
      // Leaving the loop cancels the rest.
      if (bytes > maxBytes) {
        throw new OutgoingFailure(
          provider,
          { kind: 'too-large', limitBytes: maxBytes },
          `the answer is larger than ${maxBytes} bytes`,
        );
      }
      parts.push(part);
    }
    return Buffer.concat(parts);
  };

  const failed = (error: unknown, time: AbortSignal): unknown => {
    if (error instanceof OutgoingFailure) return error;
    if (time.aborted) {
      return new OutgoingFailure(
        provider,
        { kind: 'timeout', limitMs: timeoutMs },
        `no answer within ${timeoutMs} ms`,
        { cause: error },
      );
    }
    const inside = causesOf(error).find((cause) => cause instanceof InternalAddress);
    if (inside) return refused(inside.message, error);
    return new OutgoingFailure(provider, { kind: 'unreachable' }, 'cannot be reached', {
      cause: error,
    });
  };

  return {
    get: async (url, headers, signal) => {
      const time = AbortSignal.timeout(timeoutMs);
      try {
        const response = await followed(url, headers, AbortSignal.any([time, signal]));
        return await answered(response);
      } catch (error) {
        if (signal.aborted && !(error instanceof OutgoingFailure)) throw error;
        throw failed(error, time);
      }
    },
    close: async () => {
      await Promise.all([outside.destroy(), anywhere.destroy()]);
    },
  };
};

const withoutKey = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !['authorization', 'x-api-key'].includes(name.toLowerCase()),
    ),
  );

/** In milliseconds: seconds, or the time of a date (RFC 9110 §10.2.3). */
const retryAfter = (header: string | null): number | undefined => {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const time = Date.parse(header);
  return Number.isNaN(time) ? undefined : Math.max(0, time - Date.now());
};

/** An error with all that it was caused by. */
const causesOf = (error: unknown): readonly unknown[] => {
  const causes: unknown[] = [];
  for (let at = error; at !== undefined && causes.length < 10;) {
    causes.push(at);
    at = at instanceof Error ? at.cause : undefined;
  }
  return causes;
};
