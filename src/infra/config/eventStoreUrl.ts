import { InvalidSetting } from './settings.js';

/** The credentials, hosts and options of EventStoreDB's connection strings. */
const FORM = /^esdb(\+discover)?:\/\/([^@/?]+@)?[^@/?\s]+\/?(\?.*)?$/;
/** What the server's own documentation calls the scheme since it is KurrentDB. */
const OTHER_NAMES = /^(kurrentdb|kurrent|kdb)(?=(\+discover)?:\/\/)/i;

/** How an option's value is written. */
const milliseconds = /^\d+$/;
const anything = /^.+$/;

/**
 * The options of a connection string
 * (https://developers.eventstore.com/clients/grpc/getting-started.html#connection-string), by their names in
 * lower case.
 */
const options: Readonly<Record<string, RegExp>> = {
  tls: /^(true|false)$/,
  tlscafile: anything,
  connectionname: anything,
  maxdiscoverattempts: /^\d+$/,
  discoveryinterval: milliseconds,
  gossiptimeout: /^\d+$/,
  nodepreference: /^(leader|follower|random|readonlyreplica|read_only_replica)$/i,
  keepaliveinterval: /^-?\d+$/,
  keepalivetimeout: /^-?\d+$/,
  defaultdeadline: milliseconds,
  usercertfile: anything,
  userkeyfile: anything,
  // Nobody may turn these off: the client ignores the first, and the second hides lost races.
  tlsverifycert: /^true$/,
  throwonappendfailure: /^true$/,
};

const DEFAULT_DEADLINE_MS = 10_000;

const optionsOf = (url: string): URLSearchParams =>
  new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '');

/**
 * Checks a connection string before the client sees it: the client warns on the console of what it does not
 * know, with the password in the warning.
 * @returns it as the client takes it: with the scheme `esdb`
 * @throws {InvalidSetting} which names what is wrong, and never quotes the string
 */
export const checkedEventStoreUrl = (name: string, given: string): string => {
  const url = given.replace(OTHER_NAMES, 'esdb');
  // A password with a question mark ends up in the options.
  if (!FORM.test(url) || /\?.*@/.test(url)) {
    throw new InvalidSetting(
      `${name} must have the form esdb://user:password@host:2113?option=value, with several hosts by comma, ` +
        'or esdb+discover://name-of-the-cluster. In the password and in options, write / ? # @ and % ' +
        'percent-encoded: %2F %3F %23 %40 %25.',
    );
  }
  for (const [option, value] of optionsOf(url)) {
    const form = options[option.toLowerCase()];
    if (!form) throw new InvalidSetting(`${name} has an option that there is not: ${option}.`);
    if (option.toLowerCase() === 'tlsverifycert' && value === 'false') {
      throw new InvalidSetting(
        `${name} has tlsVerifyCert=false, but certificates are always verified. Name the certificate of the ` +
          "servers' authority instead: tlsCAFile=/path/to/ca.crt.",
      );
    }
    if (!form.test(value)) {
      throw new InvalidSetting(`${name} has a value that is not possible for ${option}.`);
    }
  }
  return url;
};

/** Where a connection string leads to, and how. */
export interface EventStorePlace {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  /** The certificate of the authority to trust, instead of those that Node.js trusts. */
  readonly caFile?: string;
  /** Whether it names a user. */
  readonly hasUser: boolean;
}

const DEFAULT_PORT = 2_113;

/** @param url as {@link checkedEventStoreUrl} gives it */
export const eventStorePlace = (url: string): EventStorePlace => {
  const [, user, hosts = ''] = /^[^:]+:\/\/([^@/?]+@)?([^/?]*)/.exec(url) ?? [];
  const [, caFile] = /[?&]tlsCAFile=([^&]+)/i.exec(url) ?? [];
  return {
    nodes: hosts.split(',').map((node) => {
      const [host = '', port = DEFAULT_PORT] = node.split(':');
      return { host, port: Number(port) };
    }),
    tls: !/[?&]tls=false(&|$)/i.test(url),
    ...(caFile === undefined ? {} : { caFile: decodeURIComponent(caFile) }),
    hasUser: user !== undefined,
  };
};

/** How long one call may take, in milliseconds: `defaultDeadline` of the connection string, or 10 s. */
export const eventStoreDeadline = (url: string): number => {
  for (const [option, value] of optionsOf(url)) {
    if (option.toLowerCase() === 'defaultdeadline') return Number(value);
  }
  return DEFAULT_DEADLINE_MS;
};
