import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Who may import what, as docs/architecture.md says. A folder may always import from itself. */
const rules: Readonly<
  Record<string, { readonly folders: readonly RegExp[]; readonly packages: readonly string[] }>
> = {
  'src/domain': {
    folders: [],
    packages: ['typebox', 'ajv', 'ajv-formats', 'uuid', 'temporal-polyfill'],
  },
  'src/commands': {
    folders: [/^src\/domain\//],
    packages: ['typebox', 'lru-cache', 'p-retry', 'uuid', 'node:crypto', 'node:timers'],
  },
  'src/projections': {
    folders: [/^src\/domain\//, /^src\/[a-z]+\/ports\//],
    packages: ['p-retry', 'node:timers'],
  },
  'src/queries': {
    folders: [/^src\/domain\//, /^src\/[a-z]+\/ports\//],
    packages: ['typebox', 'lru-cache', 'node:crypto', 'node:timers'],
  },
};

/**
 * The files that may put adapters together: the service, what it stands on, what is read from it, and what a
 * thread beside it opens.
 */
const compositionRoot = [
  ...[
    'src/infra/composition/service.ts',
    'src/infra/composition/storage.ts',
    'src/infra/composition/readSide.ts',
  ],
  ...['src/infra/composition/worker.ts'],
];

const sourceFiles = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));

const importsOf = (file: string): string[] =>
  ts
    .preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
    .importedFiles.map((imported) => imported.fileName);

const isRelative = (specifier: string) => specifier.startsWith('.');

const target = (file: string, specifier: string): string =>
  relative(root, resolve(root, dirname(file), specifier.replace(/\.js$/, '.ts')))
    .split(sep)
    .join('/');

const packageOf = (specifier: string): string =>
  specifier.startsWith('@')
    ? specifier.split('/').slice(0, 2).join('/')
    : (specifier.split('/')[0] ?? specifier);

describe('The structure', () => {
  for (const [folder, { folders, packages }] of Object.entries(rules)) {
    it(`lets ${folder} import only what its place in the design allows`, () => {
      const offences = sourceFiles(folder).flatMap((file) =>
        importsOf(file)
          .filter((specifier) =>
            isRelative(specifier)
              ? !target(file, specifier).startsWith(`${folder}/`) &&
                !folders.some((allowed) => allowed.test(target(file, specifier)))
              : !packages.includes(packageOf(specifier)),
          )
          .map((specifier) => `${file} imports ${specifier}`),
      );
      expect(offences).to.deep.equal([]);
    });
  }

  it('has no import cycles', () => {
    const graph = new Map(
      sourceFiles('src').map((file) => [
        file,
        importsOf(file)
          .filter(isRelative)
          .map((specifier) => target(file, specifier)),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
        return;
      }
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of graph.keys()) visit(file, []);
    expect(cycles).to.deep.equal([]);
  });

  it('keeps one projection from knowing another', () => {
    const readModel = (file: string) => /^src\/projections\/([^/]+)\//.exec(file)?.[1];
    const shared = new Set(['engine', 'ports']);
    const offences = sourceFiles('src/projections').flatMap((file) => {
      const own = readModel(file);
      if (own === undefined || shared.has(own)) return [];
      return importsOf(file)
        .filter(isRelative)
        .map((specifier) => target(file, specifier))
        .filter((imported) => {
          const other = readModel(imported);
          return other !== undefined && other !== own && !shared.has(other);
        })
        .map((imported) => `${file} imports ${imported}`);
    });
    expect(offences).to.deep.equal([]);
  });

  it('keeps the domain free of clocks and chance', () => {
    const offences = sourceFiles('src/domain').filter((file) =>
      /\bDate\.now\(|new Date\(\)|Math\.random\(|randomUUID|process\.|setTimeout/.test(
        readFileSync(join(root, file), 'utf8'),
      ),
    );
    expect(offences).to.deep.equal([]);
  });

  it('makes event stores, databases and servers in the composition root alone', () => {
    const factories =
      /\b(createPostgresEventStore|openEventStoreDb|openMirroredLog|openDatabase|startEmbeddedServer|createProjectionEngine|createBuilder|createReadModelStore|createQueries|createCommands|startHttpServer)\(/;
    const offences = sourceFiles('src').filter((file) => {
      if (compositionRoot.includes(file)) return false;
      const text = readFileSync(join(root, file), 'utf8');
      return text
        .split('\n')
        .some(
          (line) =>
            factories.test(line) &&
            !/^\s*(\*|\/\/)|export (async )?(function|const)|function /.test(line),
        );
    });
    expect(offences).to.deep.equal([]);
  });

  it('starts a command without the packages that few commands need', async () => {
    const few = [
      '@eventstore/db-client',
      '@opentelemetry/sdk-node',
      '@duckdb/node-api',
      'knex',
      'express',
    ];
    const main = 'src/infra/cli/main.ts';
    const { metafile } = await build({
      ...{ absWorkingDir: root, entryPoints: [main], packages: 'external' },
      ...{ bundle: true, format: 'esm', platform: 'node', write: false, metafile: true },
    });
    const seen = new Set<string>([main]);
    const loaded: string[] = [];
    // A set that grows while it is gone through gives what was added, too.
    for (const file of seen) {
      for (const { kind, path, external } of metafile.inputs[file]?.imports ?? []) {
        if (kind !== 'import-statement') continue;
        if (external !== true) seen.add(path);
        else if (few.includes(packageOf(path))) loaded.push(`${file} imports ${path}`);
      }
    }
    expect(seen.size).to.be.greaterThan(100);
    expect(loaded).to.deep.equal([]);
  });

  it('has at most a dozen sources in a folder, and says where to start where there are five', () => {
    const files = sourceFiles('src');
    const offences = [...new Set(files.map(dirname))].flatMap((folder) => {
      const { length } = files.filter((file) => dirname(file) === folder);
      if (length < 5) return [];
      const readme = join(root, folder, 'README.md');
      const named = existsSync(readme)
        ? [...readFileSync(readme, 'utf8').matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path)
        : [];
      const gone = named.filter((path) => !existsSync(join(root, folder, path)));
      return [
        ...(length > 12 ? [`${folder} has ${length} files`] : []),
        ...(named.length === 0 ? [`${folder} does not say where to start`] : []),
        ...gone.map((path) => `${folder}/README.md names ${path}, which is not there`),
      ];
    });
    expect(offences).to.deep.equal([]);
  });

  it('has no drawers for odds and ends', () => {
    const drawers = sourceFiles('src')
      .concat(sourceFiles('test'))
      .filter((file) => /(^|\/)(utils?|helpers?|common|misc|managers?)(\/|\.ts$)/i.test(file));
    expect(drawers).to.deep.equal([]);
  });

  it('skips no test but where datasets are not there', () => {
    const skips = /\b(x(it|describe)|(it|describe|context|this)\s*\.\s*skip)\s*\(/;
    const skipping = sourceFiles('test').filter((file) =>
      skips.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(skipping).to.deep.equal(['test/support/run/datasets.ts']);
  });
});
