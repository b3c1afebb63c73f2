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
const failures: string[] = [];

/** What mocha lists last, the tests that failed and why; of a pass that died before, its last words. */
const whyItFailed = (said: string): string =>
  /^.*\d+ failing[^]*/m.exec(said)?.[0] ?? said.split('\n').slice(-60).join('\n');

/** Runs a pass to its end and then tells, in one piece, what it said. @returns whether all is well */
const run = async ({ name, args }: Pass): Promise<boolean> => {
  const began = Date.now();
  const child = spawn(process.execPath, [mocha, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => said.push(chunk));
  }
  await once(child, 'close');
  running.delete(child);
  const isWell = child.exitCode === 0;
  const output = Buffer.concat(said);
  process.stdout.write(output);
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(`\n== ${name}: ${isWell ? 'passed' : 'FAILED'} after ${seconds} s\n`);
  if (!isWell) failures.push(`== ${name} failed:\n${whyItFailed(output.toString())}`);
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
// Told once more in the end, where whoever sees the last lines only will find it.
if (failures.length > 0) console.log(failures.join('\n'));
process.exitCode = lanes.every((isWell) => isWell) ? 0 : 1;
