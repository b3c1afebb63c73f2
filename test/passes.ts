import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A run of mocha with a PostgreSQL server of its own. */
interface Pass {
  readonly name: string;
  readonly args: readonly string[];
}

const DOMAIN = ['test/commands', 'test/domain', 'test/projections', 'test/queries'];
const LOGS = ['test/infra/eventstore', 'test/support'];
const TOOLS = ['test/infra/cli'];
const FAULTS = 'test/infra/faults';

const testsIn = (folders: readonly string[]): readonly string[] =>
  folders.map((folder) => `${folder}/**/*.test.ts`);

const but = (tests: readonly string[]): readonly string[] =>
  tests.flatMap((some) => ['--ignore', some]);

/**
 * Everything but the faults, in passes that share no state; the longest first. What is in no folder named here is
 * in the rest: nothing is in none.
 */
const usual: readonly Pass[] = [
  { name: 'tools', args: testsIn(TOOLS) },
  { name: 'on EventStoreDB', args: ['--config', 'test/onEventStoreDb.mocharc.json'] },
  { name: 'logs', args: testsIn(LOGS) },
  {
    name: 'HTTP, PostgreSQL and the rest',
    args: ['test/**/*.test.ts', ...but(testsIn([...DOMAIN, ...LOGS, ...TOOLS, FAULTS]))],
  },
  { name: 'domain and read models', args: testsIn(DOMAIN) },
];

/** What kills and holds up, which is tested after all else: a busy machine has fewer moments to die at. */
const WAITING = ['eventStoreDb', 'hungConnection', 'twoServers'].map(
  (name) => `${FAULTS}/${name}.test.ts`,
);
const faults: readonly Pass[] = [
  { name: 'faults of what is waited for', args: WAITING },
  { name: 'all other faults', args: [...testsIn([FAULTS]), ...but(WAITING)] },
];

/** A machine with two cores has the time for two: each waits for its servers now and then. */
const AT_ONCE = 2;

const mocha = fileURLToPath(new URL('../node_modules/mocha/bin/mocha.js', import.meta.url));
const running = new Set<ReturnType<typeof spawn>>();

/** Runs a pass to its end and then tells, in one piece, what it said. @returns whether all is well */
const run = async ({ name, args }: Pass): Promise<boolean> => {
  const began = Date.now();
  const child = spawn(process.execPath, [mocha, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const said: Buffer[] = [];
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk: Buffer) => said.push(chunk));
  }
  await once(child, 'close');
  running.delete(child);
  const isWell = child.exitCode === 0;
  process.stdout.write(Buffer.concat(said));
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(`\n== ${name}: ${isWell ? 'passed' : 'FAILED'} after ${seconds} s\n`);
  return isWell;
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
  });
}

const waiting = [...(process.argv[2] === 'faults' ? faults : usual)];
const lane = async (): Promise<boolean> => {
  let isWell = true;
  for (let pass = waiting.shift(); pass; pass = waiting.shift()) {
    isWell = (await run(pass)) && isWell;
  }
  return isWell;
};
const lanes = await Promise.all(Array.from({ length: AT_ONCE }, lane));
process.exitCode = lanes.every((isWell) => isWell) ? 0 : 1;
