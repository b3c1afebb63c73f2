import type { Metadata } from '@grpc/grpc-js';

/** Who makes a call. Nobody in particular has no name. */
export interface Caller {
  readonly name?: string;
  readonly groups: readonly string[];
}

export interface User {
  readonly name: string;
  readonly password: string;
  readonly groups: readonly string[];
}

/** What a call may want to do with a stream. A metastream (`$$films`) is read and written too. */
export type StreamAction = 'read' | 'write' | 'delete';

export interface Access {
  /**
   * Who makes the call with this metadata, or undefined where its credentials are wrong: the server
   * then answers UNAUTHENTICATED whatever was asked.
   */
  callerOf(metadata: Metadata): Caller | undefined;
  /** What a user's certificate is as good as, where there is such a user. */
  authorizationOf(name: string): string | undefined;
  /** The same of an HTTP request's `authorization`. */
  callerWith(authorization: string | undefined): Caller | undefined;
  /** Whether the stream's ACL, or the default one of its kind, lets the caller do this. */
  allows(caller: Caller, action: StreamAction, stream: string): boolean;
  /** The users that the node knows; a test may add some. */
  readonly users: Map<string, User>;
}

export interface AccessOptions {
  /** Everybody may do everything, and credentials are not looked at. */
  readonly insecure: boolean;
  readonly users: readonly User[];
  /** Lets callers without credentials at streams that have no ACL; no, as the server's default. */
  readonly anonymous: boolean;
  /** The JSON of the latest event of a stream, where it has one. */
  readonly latestOf: (stream: string) => unknown;
}

/** The users that every server comes with. */
export const builtInUsers: readonly User[] = [
  { name: 'admin', password: 'changeit', groups: ['$admins'] },
  { name: 'ops', password: 'changeit', groups: ['$ops'] },
];

type Roles = readonly string[];
type Acl = Partial<Readonly<Record<'$r' | '$w' | '$d' | '$mr' | '$mw', Roles>>>;

const everybody: Roles = ['$all'];
const admins: Roles = ['$admins'];
const aclKeys = ['$r', '$w', '$d', '$mr', '$mw'] as const;

const userStreams: Acl = Object.fromEntries(aclKeys.map((key) => [key, everybody]));
const systemStreams: Acl = Object.fromEntries(aclKeys.map((key) => [key, admins]));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const propertyOf = (value: unknown, key: string): unknown =>
  isRecord(value) ? value[key] : undefined;

/** An ACL names one role, or several; what it leaves out is not its business. */
const readAcl = (json: unknown): Acl =>
  Object.fromEntries(
    aclKeys.flatMap((key) => {
      const roles = propertyOf(json, key);
      if (typeof roles === 'string') return [[key, [roles]]];
      return Array.isArray(roles) ? [[key, roles.filter((role) => typeof role === 'string')]] : [];
    }),
  );

/** What an action needs, and the stream whose ACL says so: a metastream has its stream's. */
const needOf = (
  action: StreamAction,
  stream: string,
): { readonly key: keyof Acl; readonly stream: string } | undefined => {
  if (!stream.startsWith('$$')) {
    if (stream === '$all' && action !== 'read') return undefined;
    return { key: ({ read: '$r', write: '$w', delete: '$d' } as const)[action], stream };
  }
  if (action === 'delete') return undefined;
  return { key: action === 'read' ? '$mr' : '$mw', stream: stream.slice(2) };
};

/** Checks credentials and ACLs as a secured server does, and as an insecure one does not. */
export const createAccess = (options: AccessOptions): Access => {
  const users = new Map(options.users.map((user) => [user.name, user]));

  const callerWith = (authorization: string | undefined): Caller | undefined => {
    if (options.insecure || authorization === undefined) return { groups: [] };
    const [, encoded] = /^basic\s+(\S+)$/i.exec(authorization) ?? [];
    const [name = '', ...password] = Buffer.from(encoded ?? '', 'base64')
      .toString('utf8')
      .split(':');
    const user = users.get(name);
    return user?.password === password.join(':') ? user : undefined;
  };

  return {
    users,
    callerWith,
    authorizationOf: (name) => {
      const user = users.get(name);
      if (user === undefined) return undefined;
      return `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
    },
    callerOf: (metadata) => callerWith(metadata.get('authorization')[0]?.toString()),
    allows: (caller, action, asked) => {
      if (options.insecure) return true;
      const need = needOf(action, asked === '' ? '$all' : asked);
      if (need === undefined) return false;
      if (caller.name === undefined && !options.anonymous) return false;
      if (caller.name === 'admin' || caller.groups.includes('$admins')) return true;
      const { key, stream } = need;
      const [settingsKey, builtIn] = stream.startsWith('$')
        ? ['$systemStreamAcl', systemStreams]
        : ['$userStreamAcl', userStreams];
      const own = readAcl(propertyOf(options.latestOf(`$$${stream}`), '$acl'))[key];
      const settings = readAcl(propertyOf(options.latestOf('$settings'), settingsKey))[key];
      const roles = own ?? settings ?? builtIn[key] ?? [];
      const [mine, groups] = [caller.name, caller.groups];
      return roles.some((role) => role === '$all' || role === mine || groups.includes(role));
    },
  };
};
