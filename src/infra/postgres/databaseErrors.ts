import pg from 'pg';

/** The server is away, starting, stopping or full: worth trying again later. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

/** There is no database of Reellog where one is looked for. */
export class DatabaseNotFound extends Error {
  override readonly name = 'DatabaseNotFound';
}

/** The database is there, but may not be set up, or cannot be. */
export class DatabaseUnusable extends Error {
  override readonly name = 'DatabaseUnusable';
}

/** Nothing was committed, because a statement inside the transaction had failed unheeded. */
export class TransactionRolledBack extends Error {
  override readonly name = 'TransactionRolledBack';
  constructor() {
    super('the transaction was rolled back: a statement in it had failed');
  }
}

/** Errors of the socket between us and the server. */
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ECONNABORTED',
  'EACCES',
  // A Unix socket whose queue of callers is full.
  'EAGAIN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * SQLSTATE classes and codes of a server that cannot serve now: 08 connection exceptions, 57P01–57P03
 * shutdown and start-up, 53 insufficient resources; or not us, or not this database: 28 and 3D000
 * (PostgreSQL documentation, appendix A).
 */
const UNAVAILABLE_STATE = /^(08|28|3D000|53|57P0[1-5])/;

/** What the driver says without a code. */
const UNAVAILABLE_TEXT = new RegExp(
  [
    'Connection terminated',
    'timeout exceeded when trying to connect',
    '^timeout expired$',
    '^Query read timeout$',
    'Client has encountered a connection error',
    'Client was closed and is not queryable',
    'Cannot use a pool after calling end',
    '^The server does not support SSL connections',
    '^There was an error establishing an SSL connection',
    'disconnected before secure TLS connection was established',
    // Asked for a password, and there is none; or what answers is not PostgreSQL.
    '^SASL: ',
    '^received invalid response',
  ].join('|'),
);

/** OpenSSL's and Node's codes of a TLS that does not come about (Node.js documentation, "X509 certificate error codes"). */
const TLS_CODES =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|EPROTO)/;
const UNTRUSTED =
  'Give the certificate of its authority (sslrootcert=…), or trust whatever answers (sslmode=no-verify).';

/** SQLSTATEs `undefined_table`, `invalid_schema_name`. */
const NOT_THERE = ['42P01', '3F000'];

/** Whether a statement named a table or a schema that is not there. */
export const isNotThere = (error: unknown): boolean => NOT_THERE.includes(sqlState(error) ?? '');

/** Wraps errors that mean "away" as `DatabaseUnavailable`; others come back as they are. */
export const asUnavailable = (error: unknown): Error => {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error instanceof DatabaseUnavailable) return error;
  const code = sqlState(error);
  const isTls = code !== undefined && TLS_CODES.test(code);
  if (
    isTls ||
    (code !== undefined && (SOCKET_CODES.has(code) || UNAVAILABLE_STATE.test(code))) ||
    UNAVAILABLE_TEXT.test(error.message)
  ) {
    const advice = isTls ? `. ${UNTRUSTED}` : '';
    return new DatabaseUnavailable(`The database is not available: ${wordsOf(error)}${advice}`, {
      cause: error,
    });
  }
  return withoutValues(error);
};

/** SQLSTATE class of data exceptions: their messages quote the value. */
const OF_DATA = '22';

/**
 * A server's error without what it says of rows and values: `detail` ("Failing row contains (…)"), `where` (the line
 * of a COPY) and the value that a message quotes. They may be what a person wrote, and an error is logged, stored and
 * shown to others.
 */
const withoutValues = (error: Error): Error => {
  if (!(error instanceof pg.DatabaseError)) return error;
  const { message } = error;
  if (error.code?.startsWith(OF_DATA)) error.message = message.replace(/"[^]*"/, '"…"');
  if (error.stack !== undefined) error.stack = error.stack.replace(message, () => error.message);
  error.detail = undefined;
  error.where = undefined;
  error.internalQuery = undefined;
  return error;
};

/** In the driver's words. */
const NO_PASSWORD = /^SASL: .*password must be a (non-empty )?string/;

/** Where a name has several addresses, none of which answers, Node tells of each, and says nothing of its own. */
const wordsOf = (error: Error): string => {
  if (NO_PASSWORD.test(error.message)) {
    return 'the server asks for a password, and there is none in DATABASE_URL or PGPASSWORD';
  }
  if (error.message !== '' || !(error instanceof AggregateError)) return error.message;
  return error.errors.map((each) => (each instanceof Error ? each.message : '')).join(', ');
};

/** The SQLSTATE (or system error code) of a database error. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** The server found no room on its disk (PostgreSQL documentation, appendix A). */
const DISK_FULL = '53100';

/** Whether that, at the bottom of it, is why. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && (sqlState(error) === DISK_FULL || isDiskFull(error.cause));
