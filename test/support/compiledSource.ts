import { build, stop, type Plugin } from 'esbuild';
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What the sources find by its place beside them. */
const BESIDE = ['migrations', 'node_modules', 'package.json', 'samples'];
/** What is started as a process, or as a thread. */
const ENTRIES = [
  ...['src/infra/cli/main.ts', 'src/infra/**/*ThreadMain.ts'],
  ...['test/support/embeddedServerProcess.ts', 'test/support/eventstoredb/main.ts'],
  'test/projections/engine/serverToKill.ts',
];
/** Packages of so many modules that finding each costs more than running them. */
const MANY_MODULES = /^(typebox|uuid|csv-parse|temporal-polyfill)(\/|$)/;

/** Has each source find what is beside it from where it would be by itself, in whatever file it ends up. */
const inTheirPlaces = (home: string): Plugin => ({
  name: 'in their places',
  setup: (built) => {
    built.onResolve({ filter: MANY_MODULES }, ({ path }) => ({
      path: fileURLToPath(import.meta.resolve(path)),
    }));
    built.onLoad({ filter: /\/(src|test)\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes('import.meta.url')) return undefined;
      const place = join(home, relative(root, path).replace(/\.ts$/, '.js'));
      const url = JSON.stringify(pathToFileURL(place).href);
      return { contents: source.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
});

/**
 * Compiles the sources of this run, without checking their types, into a folder that is removed when the process
 * ends, with few files: starting a command from it takes a third of the time that it takes from TypeScript, and
 * tests start many.
 * @returns the folder, which stands for the repository
 */
const compile = async (): Promise<string> => {
  const home = mkdtempSync(join(tmpdir(), `reellog-test-${process.pid}-compiled-`));
  process.once('exit', () => {
    rmSync(home, { recursive: true, force: true });
  });
  // Some are started as another account.
  chmodSync(home, 0o755);
  for (const name of BESIDE) symlinkSync(join(root, name), join(home, name));
  await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outbase: '.',
    outdir: home,
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20' },
    ...{ packages: 'external', logLevel: 'warning' },
    plugins: [inTheirPlaces(home)],
  });
  await stop();
  return home;
};

const home = await compile();

/** The path of a compiled source that can be started. @param path below `src`, ending in `.js` */
export const compiledSource = (path: string): string => join(home, 'src', path);

/** The same of a script of the tests. @param path below `test`, ending in `.js` */
export const compiledScript = (path: string): string => join(home, 'test', path);
