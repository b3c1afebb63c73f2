import { isZone } from '../../domain/validation.js';

/** This machine's time zone: UTC where it has none, or `TZ` is empty or names none. */
export const machineZone = (): string => known(Intl.DateTimeFormat().resolvedOptions());

/** Node leaves out a zone that it cannot name, whatever its type says, or calls it `Etc/Unknown`. */
const known = ({ timeZone = 'UTC' }: { readonly timeZone?: string }): string =>
  isZone(timeZone) ? timeZone : 'UTC';
