import { isDate } from '../../domain/time/calendar.js';

/** One environment variable: what it means, what it is without being set, how its text is read. */
interface Setting<Value> {
  readonly name: string;
  /** What it was called before: still read where the name of now is not set. */
  readonly formerName?: string;
  readonly meaning: string;
  /** As the table of settings shows it. */
  readonly fallbackText: string;
  readonly fallback: Value;
  readonly read: (text: string) => Value;
}

/** A variable has a value that means nothing. */
export class InvalidSetting extends Error {
  override readonly name = 'InvalidSetting';
}

const integer =
  (name: string, least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidSetting(
        `${name} must be a whole number from ${least} to ${most}, not "${text}".`,
      );
    }
    return value;
  };

const number = (
  name: string,
  fallback: number,
  least: number,
  most: number,
  meaning: string,
): Setting<number> => ({
  name,
  meaning,
  fallback,
  fallbackText: String(fallback),
  read: integer(name, least, most),
});

/** What it is unless it is set depends, or is nothing. */
const optionalNumber = (
  name: string,
  least: number,
  most: number,
  meaning: string,
): Setting<number | undefined> => ({
  ...{ name, meaning, fallback: undefined, fallbackText: '(none)' },
  read: integer(name, least, most),
});

const text = <Fallback extends string | undefined>(
  name: string,
  fallback: Fallback,
  meaning: string,
): Setting<string | Fallback> => ({
  name,
  meaning,
  fallback,
  fallbackText: fallback ?? '(none)',
  read: (value) => value,
});

const oneOf = <Choice extends string>(
  name: string,
  choices: readonly Choice[],
  fallback: Choice,
  meaning: string,
): Setting<Choice> => ({
  name,
  meaning,
  fallback,
  fallbackText: fallback,
  read: (value) => {
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) {
      throw new InvalidSetting(`${name} must be one of ${choices.join(', ')}, not "${value}".`);
    }
    return choice;
  },
});

const optionalDate = (name: string, meaning: string): Setting<string | undefined> => ({
  ...{ name, meaning, fallback: undefined, fallbackText: '(none)' },
  read: (value) => {
    if (isDate(value)) return value;
    throw new InvalidSetting(`${name} must be a date such as 2026-11-20, not "${value}".`);
  },
});

const formerly = <Value>(formerName: string, setting: Setting<Value>): Setting<Value> => ({
  ...setting,
  formerName,
});

const yesOrNo = (name: string, meaning: string): Setting<boolean> => {
  const choice = oneOf(name, ['true', 'false'], 'false', meaning);
  return { ...choice, fallback: false, read: (value) => choice.read(value) === 'true' };
};

const list = (name: string, meaning: string): Setting<readonly string[]> => ({
  name,
  meaning,
  fallback: [],
  fallbackText: '(none)',
  read: (value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
});

/** What a process can do. */
export const ROLES = ['all', 'api', 'projector', 'jobs'] as const;

/** Everything that can be set. */
export const settings = {
  dataDir: text('REELLOG_DATA_DIR', '.data', 'Folder of the embedded database, and of pictures.'),
  imagesDir: text(
    'REELLOG_IMAGES_DIR',
    undefined,
    'Folder of pictures, which all processes share; default: images in the data folder.',
  ),
  databaseUrl: text(
    'DATABASE_URL',
    undefined,
    'PostgreSQL server of your own, instead of the embedded one: postgresql://user:password@host/database.',
  ),
  // The server takes every EVENTSTORE_… in its environment for an option of its own, and does not start at others.
  eventStoreUrl: formerly(
    'EVENTSTORE_URL',
    text(
      'REELLOG_EVENTSTORE_URL',
      undefined,
      'EventStoreDB for the event log, instead of PostgreSQL: esdb://user:password@host:2113?tls=true.',
    ),
  ),
  eventStorePrefix: formerly(
    'EVENTSTORE_STREAM_PREFIX',
    text(
      'REELLOG_EVENTSTORE_STREAM_PREFIX',
      undefined,
      "Start of all streams' names in EventStoreDB, where other services share it: letters and a dot.",
    ),
  ),
  hashChain: yesOrNo(
    'REELLOG_HASH_CHAIN',
    'Whether events get a hash chain in their stream; one that has begun goes on.',
  ),
  role: oneOf(
    'REELLOG_ROLE',
    ROLES,
    'all',
    'What this process does: serve the API, keep read models up to date, do scheduled work, or all.',
  ),
  host: text('HOST', '127.0.0.1', 'Address to listen on; 0.0.0.0 for all.'),
  port: number('PORT', 8080, 0, 65_535, 'Port to listen on; 0 for any free one.'),
  connections: number('REELLOG_CONNECTIONS', 12, 4, 500, 'Database connections at most.'),
  cacheEntries: number('REELLOG_CACHE_ENTRIES', 10_000, 1, 1_000_000, 'Answers kept in memory.'),
  cacheSeconds: number('REELLOG_CACHE_SECONDS', 300, 1, 86_400, 'How long an answer is kept.'),
  corsOrigins: list('REELLOG_CORS_ORIGINS', 'Origins browsers may call from, by comma; * for any.'),
  readLimit: number(
    'REELLOG_READ_LIMIT',
    1_000,
    0,
    1_000_000,
    'Reads of one person in 5 minutes; 0 for no limit.',
  ),
  writeLimit: number(
    'REELLOG_WRITE_LIMIT',
    60,
    0,
    1_000_000,
    'Writes of one person in a minute; 0 for no limit.',
  ),
  signInLimit: number(
    'REELLOG_SIGN_IN_LIMIT',
    10,
    0,
    1_000_000,
    'Failed sign-ins of one address in a minute; 0 for no limit.',
  ),
  bodyBytes: number('REELLOG_BODY_BYTES', 262_144, 1_024, 10_000_000, 'Size of a request at most.'),
  trustedProxies: number('REELLOG_TRUSTED_PROXIES', 0, 0, 10, 'Reverse proxies in front.'),
  baseUrl: text(
    'REELLOG_BASE_URL',
    undefined,
    'Where clients reach the service, with its path behind a proxy: https://host/reellog.',
  ),
  hstsSubdomains: yesOrNo(
    'REELLOG_HSTS_SUBDOMAINS',
    'Whether browsers are to use TLS for all subdomains of the host, too.',
  ),
  requestSeconds: number(
    'REELLOG_REQUEST_SECONDS',
    10,
    1,
    600,
    'How long a request may take to arrive, and a client to take something of an answer.',
  ),
  answerSeconds: number(
    'REELLOG_ANSWER_SECONDS',
    15,
    1,
    600,
    'How long a command or the database may take before a request gets 503.',
  ),
  shutdownSeconds: number(
    'REELLOG_SHUTDOWN_SECONDS',
    10,
    1,
    300,
    'How long requests in hand may take when stopping.',
  ),
  onPoison: text(
    'REELLOG_ON_POISON',
    'park',
    'What becomes of an event that cannot be projected: park or stop; of one read model: park,stats=stop.',
  ),
  receiptDays: number(
    'REELLOG_RECEIPT_DAYS',
    30,
    1,
    3_650,
    'How long a command sent again under its Idempotency-Key is answered as it was.',
  ),
  retiredDays: number(
    'REELLOG_RETIRED_DAYS',
    7,
    1,
    3_650,
    'How long rows that a rebuild replaced are kept, to be served again if need be.',
  ),
  logLevel: oneOf(
    'REELLOG_LOG_LEVEL',
    ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'],
    'warn',
    'What is logged, as JSON lines on standard error.',
  ),
  metricsPort: optionalNumber(
    'REELLOG_METRICS_PORT',
    0,
    65_535,
    'Port to serve GET /metrics on, for Prometheus; 0 for any free one.',
  ),
  metricsHost: text(
    'REELLOG_METRICS_HOST',
    '127.0.0.1',
    'Address to serve metrics on; whoever reaches it may read them.',
  ),
  tmdbKey: text(
    'TMDB_API_KEY',
    undefined,
    'Key of TMDb (version 3), or a token (version 4), to look films up with; without one nobody is asked.',
  ),
  tmdbUrl: text('TMDB_BASE_URL', 'https://api.themoviedb.org/3', 'Where TMDb is asked.'),
  radarrUrl: text(
    'RADARR_URL',
    undefined,
    'Where Radarr is, to look films up and import its library; an address inside the network will do: http://nas:7878.',
  ),
  radarrKey: text('RADARR_API_KEY', undefined, 'Key of Radarr: its "Settings, General".'),
  radarrWebhookSecret: text(
    'RADARR_WEBHOOK_SECRET',
    undefined,
    'What the webhook of Radarr has to bring, 16 characters at least; without one it is not listened to.',
  ),
  tmdbImageUrl: text(
    'TMDB_IMAGE_URL',
    'https://image.tmdb.org/t/p',
    'Where the pictures are that TMDb names.',
  ),
  metadataLanguage: text(
    'REELLOG_METADATA_LANGUAGE',
    'en-US',
    'Language of titles and texts that are looked up, with the country whose age ratings are shown: de-DE.',
  ),
  personFetches: number(
    'REELLOG_PERSON_FETCHES',
    10,
    0,
    50,
    'People that an answer with ages asks TMDb for at most; the others are found out after it.',
  ),
  syncStart: optionalDate(
    'SYNC_START_DATE',
    'First day that "reellog sync" asks for, unless --start says so; default: where the last one ended.',
  ),
  syncEnd: optionalDate(
    'SYNC_END_DATE',
    'Last day that "reellog sync" asks for, unless --end says so; default: today (UTC).',
  ),
  timezone: text(
    'REELLOG_TIMEZONE',
    undefined,
    "The owner's time zone; default: this machine's, or UTC.",
  ),
} as const satisfies Record<string, Setting<unknown>>;
