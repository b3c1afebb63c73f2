/** Required by a run whose logs are to be in EventStoreDB: see `eventLog.ts`. */
process.env.TEST_EVENT_LOG = 'eventstoredb';
