import { keyReused } from '../../commands/handling/idempotency.js';
import { CommandRejected, type CommandFailure } from '../../commands/command.js';
import { ImageRefused, ImagesBusy, type ImageFault } from '../../commands/ports/images.js';
import { EventStoreError } from '../../commands/ports/eventStore.js';
import type { FieldError } from '../../domain/validation.js';
import { InvalidParameter } from '../../queries/serving/cursor.js';
import { AsksTooMuch, PastUnavailable } from '../../queries/ports/pastReadModels.js';
import { UnknownProjection } from '../../projections/engine/live/engine.js';
import { CannotRollBack } from '../../projections/ports/rebuildStore.js';
import { ReadModelsUnavailable } from '../../queries/ports/readModels.js';
import { DatabaseUnavailable, isDiskFull } from '../postgres/databaseErrors.js';

/** What a client is told when a request fails (RFC 9457). */
export interface Problem {
  readonly status: number;
  /** The last part of the problem's `type`; stable. */
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** More members, such as the id of what exists already. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A failure that the HTTP layer itself finds. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(problem.detail ?? problem.title, options);
  }
}

/** Every kind of problem with its title: what `/problems/<code>` describes. */
export const titles: Readonly<Record<string, string>> = {
  malformed: 'The request is malformed',
  'invalid-json': 'The body is not JSON',
  'unsupported-media-type': 'The body is not JSON in UTF-8',
  'too-large': 'The request is too large',
  unauthenticated: 'A valid token is needed',
  forbidden: 'This token or person may not do that',
  'not-found': 'Not found',
  'method-not-allowed': 'Method not allowed',
  'already-exists': 'It exists already',
  conflict: 'The current state does not allow it',
  gone: 'It is too late for this',
  invalid: 'A value breaks a rule',
  'revision-mismatch': 'A precondition of the request does not hold',
  'idempotency-key-reused': 'The Idempotency-Key was used for something else',
  'too-many-requests': 'Too many requests',
  contended: 'Too many changes at once',
  unavailable: 'The service cannot answer now',
  'past-gone': 'The log has lost a part of its past',
  'stream-deleted': 'What this is recorded in was deleted for ever',
  internal: 'Internal error',

  'unsupported-image': 'The body is no picture that is taken',
  'damaged-image': 'The picture is damaged',

  'movie-not-found': 'There is no such film',
  'movie-removed': 'The film was removed from the catalogue',
  'external-id-taken': 'Another film has this external id',
  'watch-not-found': 'There is no such watch',
  'watch-exists': 'This watch is recorded already',
  'watch-removed': 'This watch was removed',
  'watched-twice-told': 'The request says twice when the film was watched',
  'watched-in-future': 'A watch cannot lie in the future',
  'watched-too-early': 'A watch cannot lie before there were films',
  'in-future': 'This cannot lie in the future',
  'too-early': 'This cannot lie before there were films',
  'watched-needs-play': 'A film counts as watched only with a recorded watch',
  'no-such-instant': 'There is no such moment',
  'release-date-unknown': 'The release date of the film is not known',
  'nothing-to-amend': 'The request changes nothing',
  'restore-too-late': 'What was removed can no longer be restored',
  'library-not-found': 'There is no such library',
  'library-exists': 'This library exists already, or did',
  'account-not-found': 'There is no such account',
  'account-exists': 'This account exists already',
  'last-owner': 'There must be an owner',
  'too-many-tokens': 'The person has too many tokens',
};

const RETRY_SECONDS = '2';

const statuses: Readonly<Record<CommandFailure['kind'], number>> = {
  malformed: 400,
  forbidden: 403,
  'not-found': 404,
  'already-exists': 409,
  conflict: 409,
  'idempotency-key-reused': 409,
  gone: 410,
  'revision-mismatch': 412,
  invalid: 422,
  contended: 503,
};

/** Every error as the problem that a client sees: the one place where errors become statuses. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof RequestProblem) return error.problem;
  if (error instanceof CommandRejected) return commandProblem(error.failure);
  if (error instanceof ImageRefused)
    return { ...refusedImages[error.fault], detail: error.message };
  if (error instanceof ImagesBusy) return { ...unavailable, detail: error.message };
  if (error instanceof InvalidParameter) {
    return malformed([{ field: error.field, message: error.message }]);
  }
  if (error instanceof AsksTooMuch) {
    return problem(429, 'too-many-requests', error.message, { 'Retry-After': RETRY_SECONDS });
  }
  if (error instanceof PastUnavailable) return { ...unavailable, detail: error.message };
  if (error instanceof UnknownProjection) return problem(404, 'not-found', error.message);
  if (error instanceof CannotRollBack) return problem(409, 'conflict', error.message);
  if (isDiskFull(error)) return noRoom;
  if (error instanceof EventStoreError) return storeProblem(error);
  if (error instanceof DatabaseUnavailable) return unavailable;
  if (error instanceof ReadModelsUnavailable) {
    return error.cause instanceof DatabaseUnavailable ? unavailable : notMadeYet;
  }
  return parserProblem(error) ?? problem(500, 'internal');
};

export const problem = (
  status: number,
  code: string,
  detail?: string,
  headers?: Readonly<Record<string, string>>,
): Problem => ({
  status,
  code,
  title: titles[code] ?? code,
  ...(detail === undefined ? {} : { detail }),
  ...(headers === undefined ? {} : { headers }),
});

/** A request of the wrong form, with the fields, parameters or headers to blame. */
export const malformed = (errors: readonly FieldError[]): Problem => ({
  ...problem(400, 'malformed', detailOf(errors)),
  errors,
});

/** What is wrong with the first of the fields, as a sentence. */
const detailOf = ([first]: readonly FieldError[]): string =>
  first
    ? `${first.field === '' ? 'The request' : first.field} ${first.message}.`
    : 'The request is not valid.';

const unavailable: Problem = problem(
  503,
  'unavailable',
  'The database is away. What was accepted is not lost; try again in a moment.',
  { 'Retry-After': RETRY_SECONDS },
);

const refusedImages: Readonly<Record<ImageFault, Problem>> = {
  'too-large': problem(413, 'too-large'),
  'too-many-pixels': problem(413, 'too-large'),
  unsupported: problem(415, 'unsupported-image'),
  damaged: problem(422, 'damaged-image'),
};

const eventStoreAway: Problem = {
  ...unavailable,
  detail: 'The event store is away. What was accepted is not lost; try again in a moment.',
};

const noRoom: Problem = {
  ...unavailable,
  detail:
    'The disk of the database is full. What was accepted is not lost; try again when there is room.',
};

/** The sentence that says how to put it right is for the service's own log. */
const deniedByLog: Problem = {
  ...unavailable,
  detail:
    'The event log denies access to the service, until whoever runs it has put that right. What was accepted is not ' +
    'lost.',
};

const notMadeYet: Problem = {
  ...unavailable,
  detail: 'What is read from is still being made. Try again in a moment.',
};

/** Not for the client to put right; it may ask again when somebody has. */
export const pastGone: Problem = problem(
  503,
  'past-gone',
  'The log has lost a part of its past. Nothing is read or written until an operator has decided what is to be done.',
  { 'Retry-After': '60' },
);

const commandProblem = (failure: CommandFailure): Problem => {
  const base = {
    status: statuses[failure.kind],
    code: failure.code,
    title: titles[failure.code] ?? titles[failure.kind] ?? failure.code,
    detail: failure.message,
  };
  switch (failure.kind) {
    case 'malformed':
      return malformed(failure.errors);
    case 'invalid': {
      const errors = [{ field: failure.field, message: failure.message }];
      return { ...base, detail: detailOf(errors), errors };
    }
    case 'already-exists':
      return { ...base, more: { existingId: failure.existingId } };
    case 'revision-mismatch':
      return {
        ...base,
        ...(failure.actual === undefined
          ? {}
          : {
              headers: { ETag: `"${failure.actual}"` },
              more: { revision: Number(failure.actual) },
            }),
      };
    case 'contended':
      return { ...base, headers: { 'Retry-After': RETRY_SECONDS } };
    default:
      return base;
  }
};

const storeProblem = ({ failure, message, cause }: EventStoreError): Problem => {
  switch (failure.kind) {
    case 'too-large':
      return problem(413, 'too-large', message);
    case 'event-id-taken':
      return commandProblem(keyReused().failure);
    case 'wrong-expected-revision':
      return problem(503, 'contended', undefined, { 'Retry-After': RETRY_SECONDS });
    case 'unavailable':
    case 'timeout':
    case 'aborted':
      return cause instanceof DatabaseUnavailable ? unavailable : eventStoreAway;
    case 'access-denied':
      return deniedByLog;
    case 'past-gone':
      return pastGone;
    case 'stream-deleted':
      return problem(
        409,
        'stream-deleted',
        `Somebody has deleted the stream ${failure.stream} in EventStoreDB for ever: nothing can be recorded there.`,
      );
    case 'invalid-event':
      // Commands are checked before: an event that does not fit is our own mistake.
      return problem(500, 'internal');
    default:
      return failure satisfies never;
  }
};

/** Errors of Express and its body parser carry a status and a type. */
const parserProblem = (error: unknown): Problem | undefined => {
  if (!(error instanceof Error)) return undefined;
  const type = 'type' in error ? error.type : undefined;
  const status = 'status' in error && typeof error.status === 'number' ? error.status : undefined;
  if (error instanceof URIError) return problem(400, 'malformed', 'The path is not valid UTF-8.');
  switch (type) {
    case 'entity.too.large':
      return problem(413, 'too-large', 'The body is too large.');
    case 'encoding.unsupported':
      return problem(
        415,
        'unsupported-media-type',
        'Send the body with Content-Encoding gzip, deflate or br, or without one.',
      );
    default:
      return status !== undefined && status >= 400 && status < 500
        ? problem(status === 404 ? 404 : 400, 'malformed', 'The request cannot be read.')
        : undefined;
  }
};
