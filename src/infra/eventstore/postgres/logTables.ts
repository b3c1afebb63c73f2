/**
 * Where a log is in PostgreSQL: the log itself, or the mirror of one in EventStoreDB. Both have `head` and `events`,
 * with the same columns as far as readers know them.
 */
export interface LogTables {
  /** The schema, quoted where it must be. */
  readonly schema: string;
  /** Notified of the newest position. */
  readonly channel: string;
  /** How many events there are, of the row `h` of `head`. */
  readonly headOrdinal: string;
  /** SQL: how many events there are up to the position that an expression gives. */
  readonly ordinalAt: (position: string) => string;
  /** SQL: the position of the event with the ordinal that an expression gives; 0 where there is none. */
  readonly positionOf: (ordinal: string) => string;
}

/** The log in PostgreSQL; its positions are 1, 2, 3, … and count the events. */
export const postgresLogTables: LogTables = {
  schema: 'log',
  channel: 'reellog_log',
  headOrdinal: 'h.position',
  ordinalAt: (position) => position,
  positionOf: (ordinal) => ordinal,
};

/** A mirror: positions are the server's, and ordinals count the events. */
export const mirrorTables = (mirror: number): LogTables => {
  const schema = `mirror_${mirror}`;
  return {
    schema,
    channel: `reellog_${schema}`,
    headOrdinal: 'h.ordinal',
    ordinalAt: (position) =>
      `coalesce((select a.ordinal from ${schema}.events a where a.position <= ${position}
                 order by a.position desc limit 1), 0)`,
    positionOf: (ordinal) =>
      `coalesce((select a.position from ${schema}.events a where a.ordinal = ${ordinal}), 0)`,
  };
};
