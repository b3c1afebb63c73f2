import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Runs the work beside an Express server in a process of its own: a script of this folder, which says where it is and
 * ends when it is told anything.
 */
export const withExpress = async <T>(
  script: 'sameBytes.mjs' | 'plainRatings.mjs',
  args: readonly string[],
  work: (url: string) => Promise<T>,
): Promise<T> => {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = fork(path, args, { execArgv: [] });
  try {
    return await work(await urlOf(child));
  } finally {
    await stop(child);
  }
};

const urlOf = async (child: ChildProcess): Promise<string> => {
  const [ready] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('the Express server ended before it was ready');
    }),
  ])) as [{ readonly url: string }];
  return ready.url;
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.send('stop');
  await gone;
};
