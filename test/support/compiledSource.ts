import {
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What the sources find by its place beside them. */
const BESIDE = ['migrations', 'node_modules', 'package.json', 'samples'];

/**
 * Compiles the sources of this run, without checking their types, into a folder that is removed when the process
 * ends: starting a command from it takes half the time that it takes from TypeScript, and tests start many.
 * @returns the folder, which stands for `dist`
 */
const compile = (): string => {
  const home = mkdtempSync(join(tmpdir(), `reellog-test-${process.pid}-compiled-`));
  process.once('exit', () => {
    rmSync(home, { recursive: true, force: true });
  });
  for (const name of BESIDE) symlinkSync(join(root, name), join(home, name));
  const from = join(root, 'src');
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    inlineSourceMap: true,
  };
  for (const file of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const source = readFileSync(join(from, file), 'utf8');
    const { outputText } = ts.transpileModule(source, { compilerOptions, fileName: file });
    const to = join(home, 'dist', file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, outputText);
  }
  return join(home, 'dist');
};

let compiled: string | undefined;

/** The path of a compiled source. @param path below `src`, ending in `.js` */
export const compiledSource = (path: string): string => {
  compiled ??= compile();
  return join(compiled, path);
};
