import pg from 'pg';
import { isZone } from '../../domain/validation.js';
import { checkEventStoreUrl } from './eventStoreUrl.js';
import { poisonPolicies } from './poisonPolicies.js';
import { InvalidSetting, settings } from './settings.js';

/** What the service runs with. */
export type Config = {
  readonly [Name in keyof typeof settings]: ReturnType<(typeof settings)[Name]['read']>;
};

/** Where the log is, when it is not in the database. */
export type LogPlace = Pick<Config, 'eventStoreUrl' | 'eventStorePrefix'>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment. @throws {InvalidSetting} naming the variable */
export const configFrom = (environment: Environment): Config => {
  const entries = Object.entries(settings).map(([name, setting]) => {
    const text = environment[setting.name];
    return [name, text === undefined || text === '' ? setting.fallback : setting.read(text)];
  });
  const config = Object.fromEntries(entries) as Config;
  if (config.eventStoreUrl !== undefined) {
    checkEventStoreUrl(settings.eventStoreUrl.name, config.eventStoreUrl);
  }
  poisonPolicies(config.onPoison);
  checkRole(config);
  // With one dot, at the end, no prefix begins another one.
  const { eventStorePrefix } = config;
  if (eventStorePrefix !== undefined && !/^[A-Za-z0-9_]+\.$/.test(eventStorePrefix)) {
    throw new InvalidSetting(
      `EVENTSTORE_STREAM_PREFIX must be letters, digits and _ with a dot at the end, not "${eventStorePrefix}".`,
    );
  }
  if (config.timezone !== undefined && !isZone(config.timezone)) {
    throw new InvalidSetting(
      `REELLOG_TIMEZONE must be an IANA time zone such as Europe/Berlin, not "${config.timezone}".`,
    );
  }
  if (config.databaseUrl !== undefined && !isConnectionString(config.databaseUrl)) {
    // Not quoted, for it may hold a password.
    throw new InvalidSetting(
      'DATABASE_URL must have the form postgresql://user:password@host/database.',
    );
  }
  return config;
};

/** @throws {InvalidSetting} a part of the service cannot reach the database of another one */
export const checkRole = ({ role, databaseUrl }: Pick<Config, 'role' | 'databaseUrl'>): void => {
  if (role !== 'all' && databaseUrl === undefined) {
    throw new InvalidSetting(
      `REELLOG_ROLE=${role} needs DATABASE_URL: the embedded database belongs to one process, which does all.`,
    );
  }
};

/** Whether the driver can read it. */
const isConnectionString = (text: string): boolean => {
  if (!/^postgres(ql)?:\/\//.test(text)) return false;
  try {
    return new pg.Client({ connectionString: text }).host !== '';
  } catch {
    return false;
  }
};

/** Variables that look like ours but are not: probably misspelt. */
export const unknownVariables = (environment: Environment): readonly string[] => {
  const known = new Set<string>(Object.values(settings).map(({ name }) => name));
  return Object.keys(environment).filter(
    (name) => name.startsWith('REELLOG_') && !name.startsWith('REELLOG_TEST_') && !known.has(name),
  );
};
