import pg from 'pg';
import { endConnection } from '../endConnection.js';

/** How a connection string says it, libpq's names (PostgreSQL documentation, "SSL Mode Descriptions") and the driver's. */
export const SSL_MODES: readonly string[] = [
  ...['disable', 'allow', 'prefer', 'no-verify', 'require', 'verify-ca', 'verify-full'],
];

const CONNECT_MS = 5_000;
/** In the driver's words. */
const WITHOUT_TLS = 'server does not support SSL';

/** The options of a connection string. */
export const optionsOf = (connectionString: string): URLSearchParams =>
  new URLSearchParams(/\?(.*)$/s.exec(connectionString)?.[1] ?? '');

/** The same connection string with other options. */
export const withOptions = (connectionString: string, options: URLSearchParams): string => {
  const text = options.toString();
  return connectionString.replace(/\?.*$/s, '') + (text === '' ? '' : `?${text}`);
};

const withMode = (connectionString: string, mode: string): string => {
  const options = optionsOf(connectionString);
  options.set('sslmode', mode);
  return withOptions(connectionString, options);
};

/**
 * A connection string that says which of the driver's ways to use TLS is meant, so that each connection goes that
 * way. The driver takes `prefer` for `verify-full`; here it is TLS where the server has it, as in libpq, and what the
 * server has is asked once. `require` and `verify-ca` verify the certificate, as the driver does.
 * @param modeOfEnvironment `PGSSLMODE`, for a connection string that says nothing
 */
export const withSettledTls = async (
  connectionString: string,
  modeOfEnvironment?: string,
): Promise<string> => {
  const options = optionsOf(connectionString);
  const mode = options.get('sslmode') ?? (options.has('ssl') ? undefined : modeOfEnvironment);
  if (mode === undefined || mode === 'disable') return connectionString;
  // A socket of this machine, on which PostgreSQL speaks no TLS.
  if (isSocket(connectionString)) return withMode(connectionString, 'disable');
  switch (mode) {
    case 'allow':
    case 'prefer': {
      const encrypted = withMode(connectionString, 'no-verify');
      return (await speaksTls(encrypted)) ? encrypted : withMode(connectionString, 'disable');
    }
    case 'verify-ca':
      if (!options.has('sslrootcert')) return withMode(connectionString, 'verify-full');
      // The driver's word for leaving the host's name unverified.
      options.set('uselibpqcompat', 'true');
      return withMode(withOptions(connectionString, options), mode);
    case 'require':
      return options.get('uselibpqcompat') === 'true'
        ? connectionString
        : withMode(connectionString, 'verify-full');
    default:
      return withMode(connectionString, mode);
  }
};

const isSocket = (connectionString: string): boolean =>
  new pg.Client({ connectionString: withMode(connectionString, 'disable') }).host.startsWith('/');

/** Where anything else fails, the connections that follow tell what it is. */
const speaksTls = async (connectionString: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    return !(error instanceof Error && error.message.includes(WITHOUT_TLS));
  } finally {
    await endConnection(client);
  }
};
