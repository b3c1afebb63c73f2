import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as databases from './support/postgres/database.js';
import { compileStarted, compileTests, STARTED_FROM } from './support/run/compiling.js';

/** A run of mocha with a PostgreSQL server of its own. */
interface Pass {
  readonly name: string;
  readonly tests: readonly string[];
  readonly variables?: NodeJS.ProcessEnv;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const RULES = ['test/commands', 'test/domain'];
const READ_MODELS = ['test/projections', 'test/queries'];
const LOGS = ['test/infra/eventstore', 'test/support'];
const TOOLS = ['test/infra/cli'];
const FAULTS = ['test/infra/faults'];

const all = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name}`)
  .sort();

const testsIn = (folders: readonly string[]): readonly string[] =>
  all.filter((test) => folders.some((folder) => test.startsWith(`${folder}/`)));

const testsBut = (...folders: readonly (readonly string[])[]): readonly string[] => {
  const others = new Set(testsIn(folders.flat()));
  return all.filter((test) => !others.has(test));
};

/** What is tested with its logs in EventStoreDB, too: see `support/run/bothLogs.ts`. */
const onEventStoreDb: Pass = {
  name: 'on EventStoreDB',
  tests: all.filter((test) => /from '[./]+\/support\/run\/bothLogs\.js'/.test(read(test))),
  variables: { TEST_EVENT_LOG: 'eventstoredb' },
};

/**
 * Everything but the faults, in passes that share no state; the longest first. What is in no folder named here is
 * in the rest: nothing is in none.
 */
const usual: readonly Pass[] = [
  {
    name: 'HTTP, PostgreSQL and the rest',
    tests: testsBut(RULES, READ_MODELS, LOGS, TOOLS, FAULTS),
  },
  { name: 'tools', tests: testsIn(TOOLS) },
  { name: 'logs', tests: testsIn(LOGS) },
  onEventStoreDb,
  { name: 'read models', tests: testsIn(READ_MODELS) },
  { name: 'domain and commands', tests: testsIn(RULES) },
];

/** What kills and holds up, which is tested after all else: a busy machine has fewer moments to die at. */
const faults: readonly Pass[] = testsIn(FAULTS).map((test) => ({ name: test, tests: [test] }));

const passes: Readonly<Record<string, readonly Pass[]>> = {
  usual,
  faults,
  eventstoredb: [onEventStoreDb],
};

/** A machine with two cores has the time for three: each waits for its servers now and then. */
const AT_ONCE = 3;

const mocha = fileURLToPath(new URL('../node_modules/mocha/bin/mocha.js', import.meta.url));
const { timeout } = JSON.parse(read('.mocharc.json')) as { readonly timeout: number };
/** Compiled once for all passes. */
const home = await compileTests();
const started = await compileStarted();
const { CLUSTER_FROM, makeCluster, removeDataDir } = (await import(
  join(home, 'test/support/postgres/database.js')
)) as typeof databases;
/** Made once for all passes, too. */
const cluster = await makeCluster();
const optionsOfNode = ['--enable-source-maps', '--max-semi-space-size=32'];
const options = [
  ...['--no-config', '--forbid-only', '--timeout', String(timeout)],
  ...['--require', './test/support/run/runFixtures.js'],
];

const running = new Set<ReturnType<typeof spawn>>();
const failures: string[] = [];

/** What mocha lists last, the tests that failed and why; of a pass that died before, its last words. */
const whyItFailed = (said: string): string =>
  /^.*\d+ failing[^]*/m.exec(said)?.[0] ?? said.split('\n').slice(-60).join('\n');

/** Runs a pass to its end and then tells, in one piece, what it said. @returns whether all is well */
const run = async ({ name, tests, variables }: Pass): Promise<boolean> => {
  const began = Date.now();
  const files = tests.map((test) => test.replace(/\.ts$/, '.js'));
  const child = spawn(process.execPath, [...optionsOfNode, mocha, ...options, ...files], {
    cwd: home,
    env: { ...process.env, [STARTED_FROM]: started, [CLUSTER_FROM]: cluster, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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

const [wanted = 'usual'] = process.argv.slice(2);
const waiting = [...(passes[wanted] ?? [])];
if (waiting.length === 0) throw new Error(`There are no passes "${wanted}".`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    waiting.length = 0;
    for (const child of running) child.kill(signal);
  });
}

const lane = async (): Promise<boolean> => {
  let isWell = true;
  for (let pass = waiting.shift(); pass; pass = waiting.shift()) {
    isWell = (await run(pass)) && isWell;
  }
  return isWell;
};
const lanes = await Promise.all(Array.from({ length: AT_ONCE }, lane));
await removeDataDir(cluster);
// Told once more in the end, where whoever sees the last lines only will find it.
if (failures.length > 0) console.log(failures.join('\n'));
process.exitCode = lanes.every((isWell) => isWell) ? 0 : 1;
