/** Work that is done now and then, by one process at a time. */
export interface Job {
  readonly name: string;
  /** What it does, for operators. */
  readonly meaning: string;
  /** Five fields of cron, in UTC. */
  readonly schedule: string;
  /** How often that is, in milliseconds: a process that starts runs what has not been done for so long. */
  readonly everyMs: number;
  /** It is stopped when it has taken so long, in milliseconds; the next run goes on where it was. */
  readonly limitMs: number;
  /** Does a part at a time, and ends early when the signal aborts. @returns what it did, in a few words */
  run(signal: AbortSignal): Promise<string>;
}
