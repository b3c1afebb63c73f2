import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * Runs the built service on the newest Node that npm has: one command, one query, one rebuild, and an orderly end. It
 * needs `dist`, and nothing of what only tests use: what it tries is what its users run.
 */
const main = fileURLToPath(new URL('../dist/infra/cli/main.js', import.meta.url));
const LIMIT_MS = 120_000;
const run = promisify(execFile);

/** Installs the `node` package. @returns the path of its program */
const installNode = async (folder: string): Promise<string> => {
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', folder];
  await run('npm', [...args, 'node@latest'], { timeout: LIMIT_MS });
  return join(folder, 'node_modules/node/bin/node');
};

/** What a service that is ready says: where it is, and the owner's token. */
const announced = async ({ stdout }: ChildProcess): Promise<Record<'url' | 'token', string>> => {
  if (!stdout) throw new Error('the service has no standard output');
  let url: string | undefined;
  const lines = createInterface({ input: stdout, signal: AbortSignal.timeout(LIMIT_MS) });
  for await (const line of lines) {
    url ??= /serves at (\S+)/.exec(line)?.[1];
    const token = /^Owner's token.*: (\S+)$/.exec(line)?.[1];
    if (url !== undefined && token !== undefined) return { url, token };
  }
  throw new Error('the service ended before it was ready');
};

const folder = await mkdtemp(join(tmpdir(), 'reellog-newest-node-'));
try {
  const node = await installNode(folder);
  const env = { ...process.env, PORT: '0', REELLOG_DATA_DIR: join(folder, 'data') };
  const service = spawn(node, [main, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const { url, token } = await announced(service);
    const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          prefer: 'wait=30',
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return JSON.parse(text);
    };
    const expectRating = async (): Promise<void> => {
      const found = JSON.stringify(await ask('GET', '/me/ratings'));
      if (!found.includes('"rating":8.5')) throw new Error(`the rating is not there: ${found}`);
    };
    const { id } = (await ask('POST', '/movies', { title: 'Ikiru' })) as { readonly id: string };
    await ask('PUT', `/movies/${id}/rating`, { rating: 8.5 });
    await expectRating();
    await run(node, [main, 'rebuild', 'ratings'], { env, timeout: LIMIT_MS });
    await expectRating();
  } finally {
    if (service.exitCode === null) {
      const gone = once(service, 'exit');
      service.kill('SIGTERM');
      await gone;
    }
  }
  if (service.exitCode !== 0) throw new Error(`the service ended with ${service.exitCode}`);
  const { stdout } = await run(node, ['--version']);
  console.log(`One command, one query and one rebuild on Node ${stdout.trim()}.`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
