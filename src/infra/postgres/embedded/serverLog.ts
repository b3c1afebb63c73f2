import { copyFile, readFile, stat, truncate } from 'node:fs/promises';

/** Above this many bytes the log starts anew; what it held is kept once, in `….1`. */
const LOG_BYTES = 5_000_000;
const TAIL_LINES = 12;

/** Keeps the server's log bounded. The server appends, so the file can be emptied under it. */
export const boundLog = async (file: string, limit = LOG_BYTES): Promise<void> => {
  const status = await stat(file).catch(() => undefined);
  if (!status || status.size <= limit) return;
  await copyFile(file, `${file}.1`);
  await truncate(file);
};

/** The last lines of the server's log. */
export const logTail = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
};
