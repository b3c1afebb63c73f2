import { userInfo } from 'node:os';

/** Who gives a command on this machine, for the record. */
export const actor = (): string => {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // An account without a name, as containers have.
    return `cli:${process.getuid?.() ?? 'unknown'}`;
  }
};
