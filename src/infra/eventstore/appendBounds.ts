import { failure } from './failure.js';

/** One append takes no more characters of JSON, in whichever log; a server's own limit may be lower. */
const APPEND_CHARACTERS = 4_000_000;

/** @throws {EventStoreError} `invalid-event` when there is nothing to append, or nowhere */
export const requireSomething = (stream: string, events: readonly unknown[]): void => {
  if (stream !== '' && events.length > 0) return;
  const detail = 'an append needs a stream and at least one event';
  throw failure({ kind: 'invalid-event', type: '', detail }, detail);
};

/** @throws {EventStoreError} `too-large` */
export const requireBounded = (characters: number): void => {
  if (characters <= APPEND_CHARACTERS) return;
  throw failure(
    { kind: 'too-large', limitBytes: APPEND_CHARACTERS },
    `${characters} characters in one append`,
  );
};
