import { expect } from 'chai';
import { join } from 'node:path';
import { openAnalysis, type Analysis } from '../../../src/infra/analysis/analysis.js';
import { BadQuestion } from '../../../src/infra/analysis/question.js';
import {
  exportSource,
  liveSource,
  type AnalysisSource,
} from '../../../src/infra/analysis/sources.js';
import { exportFormats } from '../../../src/infra/export/formats.js';
import { rejection } from '../../support/rejection.js';
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
