import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openAnalysis, type Analysis } from '../../../src/infra/analysis/analysis.js';
import { BadQuestion } from '../../../src/infra/analysis/question.js';
import {
  exportSource,
  liveSource,
  type AnalysisSource,
} from '../../../src/infra/analysis/sources.js';
import { exportFormats } from '../../../src/infra/export/formats.js';
import { rejection } from '../../support/deciders/rejection.js';
import {
  exportedHistory,
  liveThroughSomething,
  type ExportedHistory,
} from '../export/exportedHistory.js';

describe('An analysis', () => {
  let history: ExportedHistory;
  let live: AnalysisSource;
  let loaded: string[];
  let opened = 0;

  before(async () => {
    history = await exportedHistory();
    await liveThroughSomething(history);
    const { eventStore, database } = history.service.reellog;
    const source = await liveSource({
      ...{ eventStore, database, folder: history.folder('live') },
      signal: new AbortController().signal,
    });
    live = {
      tables: source.tables,
      load: (names) => {
        loaded.push(...names);
        return source.load(names);
      },
    };
  });
  beforeEach(() => {
    loaded = [];
  });
  after(() => history.close());

  const analysing = async <T>(
    source: AnalysisSource,
    work: (analysis: Analysis) => Promise<T>,
  ): Promise<T> => {
    opened += 1;
    const analysis = await openAnalysis(source, {
      ...{ folder: history.folder(`analysis-${opened}`) },
      signal: new AbortController().signal,
    });
    try {
      return await work(analysis);
    } finally {
      analysis.close();
    }
  };

  const answers = (sql: string, source = live): Promise<readonly unknown[]> =>
    analysing(source, async (analysis) => {
      const rows: unknown[] = [];
      for await (const page of analysis.rows(sql)) rows.push(...page);
      return rows;
    });

  it('sees every event, those of a type in columns of their own, and the rows of read models', async () => {
    const log = await history.log();
    expect(await answers('select count(*) as n, max(position) as head from events')).to.deep.equal([
      { n: String(log.length), head: String(log.at(-1)?.position) },
    ]);
    expect(
      await answers(`
        select name_title as title, rating from title_rated order by rating;
        select rating from ratings.ratings join title_rated using (user_id, title_id, rating) order by 1`),
    ).to.deep.equal([
      { title: 'Ordet', rating: '0.0' },
      { title: 'Alien, "the" film', rating: '8.3' },
      { title: 'Ordet', rating: '10.0' },
      ...[{ rating: '8.3' }, { rating: '10.0' }],
    ]);
  });

  it('reads nothing but what the question names', async () => {
    const named = async (sql: string): Promise<readonly string[]> => {
      loaded = [];
      await answers(sql);
      return [...loaded].sort();
    };
    expect(await named('select 1; describe title_rated; show all tables')).to.deep.equal([]);
    expect(await named('summarize title_rated')).to.deep.equal(['title_rated']);
    expect(await named('select rating from Title_Rated')).to.deep.equal(['title_rated']);
    expect(
      await named(`
        with events as (from movie_watched) select * from events
        where title_id in (select title_id from ratings.title_ratings) and 1 = (select 1)`),
    ).to.include.members(['movie_watched', 'ratings.title_ratings']);
    expect(
      await named(
        'from favorite_added pivot (count(*) for kind in (\'movie\')); from "stats"."totals"',
      ),
    ).to.deep.equal(['favorite_added', 'stats.totals']);
  });

  it('answers nothing that is not a question, and nothing that is wrong, before it reads', async () => {
    for (const [sql, says] of [
      ['delete from title_rated', /Only questions are answered/],
      ['create table mine as from title_rated', /Only questions are answered/],
      ["copy title_rated to 'mine.csv'", /Only questions are answered/],
      ["attach 'mine.db'", /Only questions are answered/],
      ['set threads = 1', /Only questions are answered/],
      ['from title_rated; drop view title_rated', /Only questions are answered/],
      ['selec 1', /syntax error at or near "selec"/],
      [' ; -- nothing', /There is no statement/],
      ['select ratting from title_rated', /"ratting" not found/],
      ['from title_rate', /title_rate does not exist!\s+Did you mean "title_rated"/],
    ] as const) {
      const error = await rejection(answers(sql), BadQuestion);
      expect(error.message, sql).to.match(says);
    }
    expect(loaded).to.deep.equal([]);
    const wrongNow = await rejection(answers("select 'x'::integer from title_rated"), BadQuestion);
    expect(wrongNow.message).to.match(/Could not convert string 'x' to INT32/);
  });

  it('puts an answer into a file of each format, in the order asked for', async () => {
    const sql = 'select rating, name_title from title_rated order by rating desc; -- best first';
    const expected = [
      { rating: '10.0', name_title: 'Ordet' },
      { rating: '8.3', name_title: 'Alien, "the" film' },
      { rating: '0.0', name_title: 'Ordet' },
    ];
    await analysing(live, async (analysis) => {
      for (const format of ['json', ...exportFormats] as const) {
        const file = join(history.home, `answer.${format}`);
        await analysis.write(sql, format, file);
        const reader = format === 'ndjson' ? 'read_json' : `read_${format}`;
        expect(
          await history.ask(
            `select rating::decimal(3,1)::varchar as rating, name_title from ${reader}('${file}')`,
          ),
        ).to.deep.equal(expected);
      }
      const described = join(history.home, 'described.json');
      await analysis.write('describe title_rated;', 'json', described);
      expect(
        await history.ask(
          `select column_type from read_json('${described}') where column_name = 'rating'`,
        ),
      ).to.deep.equal([{ column_type: 'DECIMAL(3,1)' }]);
      const error = await rejection(analysis.write('select 1; select 2', 'csv', 'x'), BadQuestion);
      expect(error.message).to.equal('One statement at a time as csv.');
    });
  });

  const values = `select 9007199254740993::bigint as wide, 7::integer as small, sum(2::integer) as summed,
    timestamptz '2026-02-06 20:15:30.123+02' as moment, timestamp '2026-02-06 20:15:30' as local,
    date '2026-02-06' as day, null::bigint as nothing, [9007199254740993, null] as list,
    {'at': timestamptz '2026-02-06 20:15:30.123+02', 'a b': {'n': [1::bigint]}} as nested,
    null::struct(n bigint) as absent, 7.5::decimal(3,1) as rating, true as truth, '=1+1' as text`;
  const written = async (
    format: 'ndjson' | 'json' | 'csv',
    options: { readonly spreadsheet?: boolean } = {},
  ): Promise<string> => {
    const file = join(history.home, `values.${format}`);
    await analysing(live, (analysis) => analysis.write(values, format, file, options));
    return readFile(file, 'utf8');
  };

  it('writes lines of JSON with wide numbers as text and times in ISO 8601, within lists, too', async () => {
    const expected = {
      ...{ wide: '9007199254740993', small: 7, summed: '2' },
      ...{ moment: '2026-02-06T18:15:30.123Z', local: '2026-02-06T20:15:30.000' },
      ...{ day: '2026-02-06', nothing: null, list: ['9007199254740993', null] },
      nested: { at: '2026-02-06T18:15:30.123Z', 'a b': { n: ['1'] } },
      ...{ absent: null, rating: 7.5, truth: true, text: '=1+1' },
    };
    expect(JSON.parse(await written('ndjson'))).to.deep.equal(expected);
    const exact = { summed: 2, nested: { ...expected.nested, 'a b': { n: [1] } } };
    expect(JSON.parse(await written('json'))).to.deep.equal([{ ...expected, ...exact }]);
  });

  it('writes CSV with lists as JSON and times in ISO 8601', async () => {
    const [head, row] = (await written('csv')).split('\n');
    expect(head).to.equal(
      'wide,small,summed,moment,local,day,nothing,list,nested,absent,rating,truth,text',
    );
    expect(row).to.equal(
      '9007199254740993,7,2,2026-02-06T18:15:30.123Z,2026-02-06T20:15:30.000,2026-02-06,,' +
        '"[""9007199254740993"",null]","{""at"":""2026-02-06T18:15:30.123Z"",""a b"":{""n"":[""1""]}}",' +
        ',7.5,true,=1+1',
    );
  });

  it('writes CSV for spreadsheets: marked as UTF-8, without a formula, numbers as they are', async () => {
    const text = await written('csv', { spreadsheet: true });
    expect(text.startsWith('\uFEFFwide,')).to.equal(true);
    expect(text.trimEnd().endsWith(",'=1+1")).to.equal(true);
    const file = join(history.home, 'formulas.csv');
    const cells = ['=a', '+a', '-a', '@a', '\ta', 'a=b', '-5', ''];
    const select = cells
      .map((cell) => `select '${cell}' as cell, -5 as number`)
      .join(' union all ');
    await analysing(live, (analysis) => analysis.write(select, 'csv', file, { spreadsheet: true }));
    const rows = (await readFile(file, 'utf8')).trimEnd().split('\n').slice(1);
    expect(rows).to.deep.equal([
      ...["'=a,-5", "'+a,-5", "'-a,-5", "'@a,-5", "'\ta,-5", 'a=b,-5', "'-5,-5", '"",-5'],
    ]);
  });

  it('gives the same answers of an export in any format as of the log', async () => {
    const sql = `
      select user_id, watched_instant, watched_local_date, snapshot_genres, note, given, recorded_at
      from movie_watched order by position;
      select title, "cast", budget, community_rating from movie_imported order by position;
      select * from profile_changed; select * from watch_removed;
      select user_id, name->>'title' as title, rating, rated_at from ratings.ratings order by all`;
    const expected = await answers(sql);
    expect(expected).to.have.length(8);
    for (const format of exportFormats) {
      await history.export(`asked-${format}`, { format });
      const source = await exportSource(history.folder(`asked-${format}`));
      expect(await answers(sql, source), format).to.deep.equal(expected);
    }
  });
});
