import { pino } from 'pino';

/** Says nothing unless a test run asks with REELLOG_TEST_LOG=debug. */
export const testLogger = pino({ level: process.env.REELLOG_TEST_LOG ?? 'silent' });

/** A logger with the lines that it was given, as they are written. */
export const collectingLogger = () => {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const write = (line: string): void =>
    void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { logger: pino({ level: 'debug' }, { write }), lines };
};
