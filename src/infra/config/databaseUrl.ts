import { accessSync, constants } from 'node:fs';
import pg from 'pg';
import { optionsOf, SSL_MODES, withOptions } from '../postgres/pool/tls.js';
import { InvalidSetting } from './settings.js';

/** A password with a character that divides addresses ends up in the path, the options or the fragment. */
const MISREAD = /^postgres(ql)?:\/\/[^/?#]*[/?#].*@/is;
const FILES = ['sslrootcert', 'sslcert', 'sslkey'];

/**
 * Checks a PostgreSQL connection string.
 * @throws {InvalidSetting} which names what is wrong, and quotes nothing: any part may be of a password
 */
export const checkDatabaseUrl = (name: string, url: string): void => {
  if (!/^postgres(ql)?:\/\//i.test(url) || MISREAD.test(url)) throw misshapen(name);
  const options = optionsOf(url);
  const mode = options.get('sslmode');
  if (mode !== null && !SSL_MODES.includes(mode)) {
    throw new InvalidSetting(
      `${name} has an sslmode that there is not. There are: ${SSL_MODES.join(', ')}.`,
    );
  }
  for (const option of FILES) {
    const file = options.get(option);
    if (file !== null && !isReadable(file)) {
      throw new InvalidSetting(`${name} names a file in ${option} that cannot be read.`);
    }
  }
  // The driver warns of modes that are another thing to it.
  options.delete('sslmode');
  if (!canBeRead(withOptions(url, options))) throw misshapen(name);
};

const misshapen = (name: string): InvalidSetting =>
  new InvalidSetting(
    `${name} must have the form postgresql://user:password@host/database. In the password, write / ? # @ and % ` +
      'percent-encoded: %2F %3F %23 %40 %25.',
  );

const isReadable = (file: string): boolean => {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

/** By the driver. */
const canBeRead = (connectionString: string): boolean => {
  try {
    return new pg.Client({ connectionString }).host !== '';
  } catch {
    return false;
  }
};
