import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { figures } from '../bench/figures.js';
import { mustReach } from '../bench/report.js';
import { commandTypes } from '../src/domain/commandTypes.js';
import { settings } from '../src/infra/config/settings.js';
import { titles } from '../src/infra/http/problems.js';
import { imagePath } from '../src/infra/http/openapi/imagePath.js';
import { routes } from '../src/infra/http/routes/routes.js';
import { webhooks } from '../src/infra/http/webhooks/webhooks.js';
import { projections } from '../src/projections/projections.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** What stands between backquotes in running text and tables. */
const codeIn = (text: string): readonly string[] =>
  [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');

const withoutBlocks = (text: string): string => text.replace(/^ *```[^]*?^ *```$/gm, '');

/** The fenced blocks of a language. */
const blocksIn = (text: string, language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    (match) => match[1] ?? '',
  );

/** The rows of a page's tables that begin with code, as cells. */
const rowsIn = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

/** A heading as a link's fragment names it. */
const fragmentOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

describe('The pages', () => {
  for (const page of pages) {
    it(`have links that lead somewhere: ${page}`, () => {
      const links = [...withoutBlocks(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => match[1] ?? '')
        .filter((link) => !/^[a-z]+:/.test(link));
      const broken = links.filter((link) => {
        const [path = '', fragment] = link.split('#');
        const target = path === '' ? page : relative(root, resolve(root, dirname(page), path));
        if (target.startsWith('..') || !existsSync(join(root, target))) return true;
        if (fragment === undefined) return false;
        const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map((match) => match[1] ?? '');
        return !headings.map(fragmentOf).includes(fragment);
      });
      expect(broken).to.deep.equal([]);
    });

    it(`name files that are there: ${page}`, () => {
      const named = codeIn(read(page))
        .filter((code) => /^(\.ci|bench|docs|migrations|samples|src|test)\/[^\s,]*$/.test(code))
        // Up to a placeholder: `src/domain/<aggregate>/events.ts`.
        .map((code) => code.replace(/[^/]*[<*].*$/, ''));
      expect(named.filter((path) => !existsSync(join(root, path)))).to.deep.equal([]);
    });

    it(`name settings that there are: ${page}`, () => {
      const known: readonly string[] = Object.values(settings).map(({ name }) => name);
      const named = [...read(page).matchAll(/\bREELLOG_[A-Z_]+\b/g)].map(([name]) => name);
      expect(named.filter((name) => !known.includes(name))).to.deep.equal([]);
    });
  }
});

describe('docs/http-api.md', () => {
  const page = read('docs/http-api.md');

  it('names every route with what it does, and no other', () => {
    const listed = rowsIn(page)
      .map(([route = '', summary]) => ({ route: route.replace(/`/g, ''), summary }))
      .filter(({ route }) => /^(GET|POST|PUT|PATCH|DELETE) /.test(route));
    expect(listed).to.have.deep.members(
      [...routes, ...webhooks, { method: 'get', path: '/images/{hash}', ...imagePath.get }].map(
        ({ method, path, summary }) => ({ route: `${method.toUpperCase()} ${path}`, summary }),
      ),
    );
  });

  it('names every type of problem, and no other', () => {
    const problems = page.split(/^## /m).find((section) => section.startsWith('Problems')) ?? '';
    const inTable = rowsIn(problems)
      .filter(([status = '']) => /^\d+$/.test(status))
      .flatMap(([, types = '']) => codeIn(types));
    const general = codeIn(problems.trim().split('\n').at(-1) ?? '');
    expect([...inTable, ...general]).to.have.members(Object.keys(titles));
  });
});

describe('docs/operations.md', () => {
  it('lists every setting as it is, and no other', () => {
    const section = read('docs/operations.md').split(/^## /m)[2] ?? '';
    const listed = rowsIn(section).slice(2);
    expect(listed).to.deep.equal(
      Object.values(settings).map(({ name, fallbackText, meaning }) => [
        `\`${name}\``,
        fallbackText === '(none)' ? '' : `\`${fallbackText}\``,
        meaning,
      ]),
    );
  });
});

describe('docs/performance.md', () => {
  const section = read('docs/performance.md').split(/^## /m)[1] ?? '';
  const listed = rowsIn(section).slice(2);

  it('has a row for each figure that is measured, with what it must reach, and no other', () => {
    expect(listed.map(([name, about, must]) => [name, about, must])).to.deep.equal(
      Object.entries(figures).map(([name, figure]) => [
        ...[`\`${name}\``, figure.about, mustReach(figure)],
      ]),
    );
  });
});

describe('docs/adding-a-command.md', () => {
  const page = read('docs/adding-a-command.md');
  /** Each piece of code with the source that was named last before it. */
  const shown = [...page.matchAll(/```ts\n([^]*?)```/g)].map(({ 1: code = '', index }) => ({
    code,
    path:
      [...page.slice(0, index).matchAll(/\]\(\.\.\/((?:src|test)\/[^)]+)\)/g)].at(-1)?.[1] ?? '',
  }));
  const plain = (code: string) => code.replace(/\s+/g, '');

  it('shows code as the files have it that it names', () => {
    expect(shown).to.have.length(8);
    for (const { code, path } of shown) expect(plain(read(path)), path).to.include(plain(code));
  });

  it('follows a command that can be given', () => {
    expect(commandTypes).to.have.property('AddToFavorites');
  });
});

describe('docs/adding-a-projection.md', () => {
  it('shows code that is run by the tests', () => {
    const run = ['decades.ts', 'decades.test.ts']
      .map((name) => read(`test/projections/example/${name}`))
      .join('\n')
      .replaceAll("'../../../src/domain/", "'../../domain/")
      .replaceAll("'../../../src/projections/", "'../");
    // Lines may be broken and indented otherwise on the page.
    const plain = (code: string) => code.replace(/\s+/g, '').replace(/,([)}\]])/g, '$1');
    const shown = blocksIn(read('docs/adding-a-projection.md'), 'ts');
    expect(shown).to.have.length(2);
    for (const code of shown) expect(plain(run)).to.include(plain(code).replace(/;$/, ''));
  });

  it('is about a name that no read model has', () => {
    expect(projections.map(({ name }) => name)).to.not.include('decades');
  });
});
