/**
 * Begins what is tested on both logs, in PostgreSQL and in EventStoreDB: a file that imports this is run once more,
 * with its logs in EventStoreDB, by `npm run test:eventstoredb`. It is for what appends, waits for positions, or goes
 * on where it was; what only reads rows, or the table of events, which is the same code on both, needs one run alone.
 */
export const describeOnBothLogs = describe;
