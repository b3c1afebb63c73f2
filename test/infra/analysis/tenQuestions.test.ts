import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { personIdOf } from '../../../src/infra/cli/import/movielens/dataset.js';
import { runCli } from '../../support/service/cliProcess.js';
import { needsDatasets } from '../../support/run/datasets.js';
import type { CsvPlay } from '../cli/import/movielens/dataset.js';
import { importedSlice, type ImportedSlice } from '../cli/import/movielens/importedSlice.js';
import * as expected from './tenAnswers.js';
import type { CountedPlay } from './tenAnswers.js';

const page = readFileSync(new URL('../../../docs/analysing-history.md', import.meta.url), 'utf8');
const PEOPLE = 15;
/** Somebody who watched over many years: sees some films again. */
const AGAIN = 7;

/** The commands of the page's last section on questions, by their headings. */
const commands = new Map(
  [
    ...(/^## Ten questions$([^]*?)^## /m.exec(page)?.[1] ?? '').matchAll(
      /^### (.*)\n\n```sh\n([^]*?)^```$/gm,
    ),
  ].map(([, heading = '', command = '']) => [heading, command]),
);
const prepare = /^```sh\nreellog import .*\n(reellog export .*)\n```$/m.exec(page)?.[1] ?? '';

const Count = Type.Integer();
const Points = Type.Number();
const Text = Type.String();

describe('The questions of docs/analysing-history.md', () => {
  let slice: ImportedSlice | undefined;
  let home: string;
  let plays: readonly CountedPlay[];
  let shell: NodeJS.ProcessEnv;
  let settings: { readonly DATABASE_URL: string };

  /** Runs a command of the page: a shell tells what `reellog` is given. */
  const run = async (command: string): Promise<string> => {
    const { stdout: given } = await promisify(execFile)('sh', ['-c', command], { env: shell });
    const args = given.split('\0').slice(0, -1);
    const { code, stdout, stderr } = await runCli(
      args.map((arg) => (arg === 'history' ? join(home, arg) : arg)),
      settings,
    );
    expect({ code, stderr }, command).to.deep.equal({ code: 0, stderr: '' });
    return stdout;
  };

  /** The answer to a question of the page. */
  const answer = async <Columns extends Record<string, TSchema>>(
    heading: string,
    columns: Columns,
  ) => {
    const command = commands.get(heading);
    if (command === undefined) throw new Error(`the page does not ask: ${heading}`);
    const rows: Static<ReturnType<typeof Type.Array<ReturnType<typeof Type.Object<Columns>>>>> =
      Value.Parse(Type.Array(Type.Object(columns)), JSON.parse(await run(command)));
    return rows;
  };

  before(async function () {
    needsDatasets(this, 'MovieLens and TMDb 5000');
    this.timeout(300_000);
    home = await mkdtemp(join(tmpdir(), 'reellog-test-questions-'));
    // `reellog` as it is pasted, but for the form of its answers.
    await writeFile(
      join(home, 'reellog'),
      `#!/bin/sh\n[ "$1" = sql ] && set -- "$@" --format json\nprintf '%s\\0' "$@"\n`,
    );
    await chmod(join(home, 'reellog'), 0o755);
    slice = await importedSlice(PEOPLE);
    shell = { PATH: `${home}${delimiter}${process.env.PATH}` };
    settings = { DATABASE_URL: slice.service.reellog.connectionString };
    plays = [...playsOf(slice), ...(await seeSomeAgain(slice))];
    await slice.service.caughtUp();
    await run(prepare);
  });
  after(async () => {
    await slice?.service.close();
    if (slice) await rm(home, { recursive: true, force: true });
  });

  it('are ten', () => {
    expect([...commands.keys()]).to.have.length(10);
    expect(prepare).to.equal('reellog export history');
  });

  it('say who comes back', async () => {
    const rows = await answer('Who comes back: retention by month', {
      ...{ joined: Text, months_later: Count, people: Count },
    });
    expect(rows).to.have.lengthOf.above(20);
    expect(rows).to.deep.equal(expected.retention(plays));
  });

  it('say how a taste drifts', async () => {
    const rows = await answer("How does a person's taste drift: their first three genres by year", {
      ...{ year: Count, genre: Text, films: Count, percent: Points },
    });
    const drift = expected.genreDrift(plays);
    expect(rows.map(({ year, genre, films }) => ({ year, genre, films }))).to.deep.equal(
      drift.map(({ year, genre, films }) => ({ year, genre, films })),
    );
    for (const [nth, { films, all }] of drift.entries()) {
      expect(rows[nth]?.percent).to.be.closeTo((100 * films) / all, 0.051);
    }
  });

  it('say how long it takes to watch a film again', async () => {
    expect(
      await answer('How long until a film is watched again', {
        ...{ rewatches: Count, shortest: Count, median: Points, longest: Count },
      }),
    ).to.deep.equal([expected.rewatches(plays)]);
  });

  /** Films by number, least or most first; equals may stand in any order at the end. */
  const holdsUp = (
    rows: readonly { readonly film: string; readonly ratings: number; readonly value: number }[],
    of: (plays: Parameters<typeof expected.spread>[0]) => number,
    descending: boolean,
  ): void => {
    const films = [
      ...expected.groupsOf(expected.ratedPlays(plays), ({ film }) => film.key).values(),
    ]
      .filter((own) => own.length >= 5)
      .map((own) => ({ film: own[0]?.title ?? '', ratings: own.length, value: of(own) }))
      .sort((a, b) => (descending ? b.value - a.value : a.value - b.value));
    expect(rows).to.have.length(10);
    for (const [nth, row] of rows.entries()) {
      expect(row.value, row.film).to.be.closeTo(films[nth]?.value ?? NaN, 0.0101);
      const known = films.filter(
        ({ film, ratings, value }) =>
          film === row.film && ratings === row.ratings && Math.abs(value - row.value) <= 0.0101,
      );
      expect(known, row.film).to.have.lengthOf.at.least(1);
    }
  };

  it('say which films are rated lower over time', async () => {
    const rows = await answer('Which films do people rate lower over time', {
      ...{ film: Text, ratings: Count, points_a_year: Points },
    });
    const values = rows.map(({ points_a_year: value, ...row }) => ({ ...row, value }));
    holdsUp(values, expected.pointsAYear, false);
  });

  it('say who rates above others', async () => {
    const rows = await answer('Who rates above others, film by film', {
      ...{ user_id: Text, films: Count, above_others: Points },
    });
    const all = expected.generosity(plays).sort((a, b) => b.above - a.above);
    expect(rows).to.have.length(5);
    for (const [nth, row] of rows.entries()) {
      const person = all.find(({ user_id: user }) => user === row.user_id);
      expect(row.films).to.equal(person?.films);
      expect(row.above_others).to.be.closeTo(person?.above ?? NaN, 0.0051);
      expect(row.above_others).to.be.closeTo(all[nth]?.above ?? NaN, 0.0101);
    }
  });

  it('say which films divide people', async () => {
    const rows = await answer('Which films divide people most', {
      ...{ film: Text, ratings: Count, spread: Points },
    });
    const values = rows.map(({ spread: value, ...row }) => ({ ...row, value }));
    holdsUp(values, expected.spread, true);
  });

  it('say at what hour people watch', async () => {
    expect(
      await answer('At what hour do people watch', { hour: Count, films: Count }),
    ).to.deep.equal(expected.hours(plays));
  });

  it('say how old the films are that people watch', async () => {
    expect(
      await answer('How old are the films that people watch, by year', {
        ...{ year: Count, films: Count, years_old: Points },
      }),
    ).to.deep.equal(expected.ages(plays));
  });

  it('say which films the same people love', async () => {
    expect(
      await answer('Which two films do the same people love', {
        ...{ film: Text, also: Text, people: Count },
      }),
    ).to.deep.equal(expected.lovedTogether(plays));
  });

  it('say who watched most in one day', async () => {
    const rows = await answer('Who watched most in one day', {
      ...{ user_id: Text, local_date: Text, films: Count, hours: Points },
    });
    const binges = expected.binges(plays);
    expect(rows.map(({ hours, ...row }) => ({ ...row, hours: Math.round(hours) }))).to.deep.equal(
      binges.map(({ minutes, ...row }) => ({ ...row, hours: Math.round(minutes / 60) })),
    );
  });
});

const titleIn = ({ catalogue }: ImportedSlice, { film }: CsvPlay): string =>
  catalogue.get(film.key)?.title ?? '';

const playsOf = (slice: ImportedSlice): readonly CountedPlay[] =>
  slice.viewers.flatMap(({ number, plays }) =>
    plays.map((play) => ({ ...play, user: personIdOf(number), title: titleIn(slice, play) })),
  );

/** MovieLens knows one play of a film by each person: more are made, and some amended and removed. */
const seeSomeAgain = async (slice: ImportedSlice): Promise<readonly CountedPlay[]> => {
  const user = personIdOf(AGAIN);
  const { execute } = slice.service.reellog;
  const actor = { userId: user, role: 'member' } as const;
  const seen = slice.viewers.find(({ number }) => number === AGAIN)?.plays.slice(0, 6) ?? [];
  const again: CountedPlay[] = [];
  for (const [nth, play] of seen.entries()) {
    const later = (days: number): string =>
      new Date(Date.parse(play.instant) + days * 86_400_000).toISOString();
    const movieId = slice.idOf(play.film);
    const playId = randomUUID();
    const days = 100 + 37 * nth;
    await execute({
      name: 'RecordWatchEvent',
      data: { movieId, playId, watched: { at: later(nth === 2 ? 5 : days) } },
      actor,
    });
    if (nth === 1) await execute({ name: 'RemoveWatch', data: { movieId, playId }, actor });
    if (nth === 2) {
      const watched = { at: later(days) };
      await execute({ name: 'AmendWatch', data: { movieId, playId, watched }, actor });
    }
    if (nth === 1) continue;
    again.push({ user, film: play.film, title: titleIn(slice, play), instant: later(days) });
  }
  return again;
};
