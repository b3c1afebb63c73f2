import { pino } from 'pino';

/** Says nothing unless a test run asks with REELLOG_TEST_LOG=debug. */
export const testLogger = pino({ level: process.env.REELLOG_TEST_LOG ?? 'silent' });
