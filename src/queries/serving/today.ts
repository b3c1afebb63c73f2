import { localDayOf } from '../../domain/time/localTime.js';
import type { Asker } from '../query.js';

/** The day that it is for the person who asks. */
export const todayOf = ({ now, zone, dayEndsAt }: Asker): string =>
  localDayOf(now.toISOString(), zone, dayEndsAt);
