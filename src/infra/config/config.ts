import { isZone } from '../../domain/validation.js';
import { checkDatabaseUrl } from './databaseUrl.js';
import { checkedEventStoreUrl } from './eventStoreUrl.js';
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
    const text = textOf(setting, environment);
    return [name, text === undefined ? setting.fallback : setting.read(text)];
  });
  const given = Object.fromEntries(entries) as Config;
  const { eventStoreUrl: address } = given;
  const eventStoreUrl = address && checkedEventStoreUrl(settings.eventStoreUrl.name, address);
  const config: Config = { ...given, eventStoreUrl };
  poisonPolicies(config.onPoison);
  checkRole(config);
  // With one dot, at the end, no prefix begins another one.
  const { eventStorePrefix } = config;
  if (eventStorePrefix !== undefined && !/^[A-Za-z0-9_]+\.$/.test(eventStorePrefix)) {
    throw new InvalidSetting(
      `${settings.eventStorePrefix.name} must be letters, digits and _ with a dot at the end, not "${eventStorePrefix}".`,
    );
  }
  if (config.timezone !== undefined && !isZone(config.timezone)) {
    throw new InvalidSetting(
      `REELLOG_TIMEZONE must be an IANA time zone such as Europe/Berlin, not "${config.timezone}".`,
    );
  }
  if (config.baseUrl !== undefined) checkBaseUrl(config.baseUrl);
  checkProviderUrl(settings.tmdbUrl.name, config.tmdbUrl);
  checkRadarr(config);
  checkProviderUrl(settings.tmdbImageUrl.name, config.tmdbImageUrl);
  if (!/^[a-z]{2}(-[A-Z]{2})?$/.test(config.metadataLanguage)) {
    throw new InvalidSetting(
      `REELLOG_METADATA_LANGUAGE must be a language, with a country or without: en-US or de, not "${config.metadataLanguage}".`,
    );
  }
  if (config.databaseUrl !== undefined) {
    checkDatabaseUrl(settings.databaseUrl.name, config.databaseUrl);
  }
  return config;
};

/** @throws {InvalidSetting} its two names have different values; not quoted, for they may hold a password */
const textOf = (
  { name, formerName }: { readonly name: string; readonly formerName?: string },
  environment: Environment,
): string | undefined => {
  const given = (one: string) => (environment[one] === '' ? undefined : environment[one]);
  const text = given(name);
  const former = formerName && given(formerName);
  if (text !== undefined && former !== undefined && text !== former) {
    throw new InvalidSetting(
      `${name} and ${formerName}, its former name, have different values: unset ${formerName}.`,
    );
  }
  return text ?? former;
};

/** Plain characters alone: the path goes into pages and headers as it is. */
const BASE_PATH = /^(?:\/[\w.~-]+)*\/?$/;

/** An http or https address without user, query or fragment; `undefined` where the text is none. */
const plainAddress = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return plain && url.search === '' && url.hash === '' ? url : undefined;
};

/** @throws {InvalidSetting} */
const checkBaseUrl = (text: string): void => {
  if (!BASE_PATH.test(plainAddress(text)?.pathname ?? '?')) {
    // Not quoted, for it may hold a password.
    throw new InvalidSetting(
      'REELLOG_BASE_URL must be an http or https address without user, query or fragment: https://host/reellog.',
    );
  }
};

/** @throws {InvalidSetting} */
const checkProviderUrl = (name: string, text: string): void => {
  if (!plainAddress(text)) {
    throw new InvalidSetting(`${name} must be an http or https address without user or query.`);
  }
};

const SECRET_CHARACTERS = 16;

/** @throws {InvalidSetting} neither the key nor the secret is quoted */
const checkRadarr = ({ radarrUrl, radarrKey, radarrWebhookSecret: secret }: Config): void => {
  const [url, key] = [settings.radarrUrl.name, settings.radarrKey.name];
  if ((radarrUrl === undefined) !== (radarrKey === undefined)) {
    throw new InvalidSetting(`${url} and ${key} belong together: set both, or neither.`);
  }
  if (radarrUrl !== undefined) checkProviderUrl(url, radarrUrl);
  if (radarrKey !== undefined && !/^[\x21-\x7e]+$/.test(radarrKey)) {
    throw new InvalidSetting(`${key} must be a key as Radarr shows it, without spaces.`);
  }
  if (secret !== undefined && !/^[\x21-\x7e]+$/.test(secret)) {
    throw new InvalidSetting(
      `${settings.radarrWebhookSecret.name} must be of visible ASCII characters without spaces.`,
    );
  }
  if (secret !== undefined && secret.length < SECRET_CHARACTERS) {
    throw new InvalidSetting(
      `${settings.radarrWebhookSecret.name} must have ${SECRET_CHARACTERS} characters at least.`,
    );
  }
};

/** @throws {InvalidSetting} a part of the service cannot reach the database of another one */
export const checkRole = ({ role, databaseUrl }: Pick<Config, 'role' | 'databaseUrl'>): void => {
  if (role !== 'all' && databaseUrl === undefined) {
    throw new InvalidSetting(
      `REELLOG_ROLE=${role} needs DATABASE_URL: the embedded database belongs to one process, which does all.`,
    );
  }
};

/** Variables that look like ours but are not: probably misspelt. */
export const unknownVariables = (environment: Environment): readonly string[] => {
  const known = new Set<string>(Object.values(settings).map(({ name }) => name));
  return Object.keys(environment).filter(
    (name) => name.startsWith('REELLOG_') && !name.startsWith('REELLOG_TEST_') && !known.has(name),
  );
};
