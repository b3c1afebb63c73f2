/** The time as commands see it; tests set their own. */
export interface Clock {
  now(): Date;
}
