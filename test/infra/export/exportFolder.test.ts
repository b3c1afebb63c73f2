import { expect } from 'chai';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventTables } from '../../../src/infra/export/eventTables.js';
import { readExpression } from '../../../src/infra/export/formats.js';
import {
  readManifest,
  UnusableExport,
  type Manifest,
} from '../../../src/infra/export/folder/manifest.js';
import { projections } from '../../../src/projections/projections.js';
import { rejection } from '../../support/deciders/rejection.js';
import {
  difficultTexts,
  exportedHistory,
  liveThroughSomething,
  type ExportedHistory,
} from './exportedHistory.js';

describe('An export', () => {
  let history: ExportedHistory;
  let parquet: Manifest;

  before(async () => {
    history = await exportedHistory();
    await liveThroughSomething(history);
    parquet = await history.export('parquet');
  });
  after(() => history.close());

  /** What DuckDB reads of a table in a folder, by nothing but the names of its files. */
  const files = (folder: string, table: string): string =>
    `read_parquet('${history.folder(folder)}/events/${table}/*.parquet')`;

  /** A table as its manifest describes it. */
  const read = (folder: string, { format, tables }: Manifest, table: string): string => {
    const entry = tables[table];
    if (!entry) throw new Error(`there is no ${table}`);
    const paths = entry.files.map((file) => join(history.folder(folder), file));
    return `(${readExpression(format, entry.columns, paths)})`;
  };

  it('gives DuckDB Parquet files of every type of event, with the types that the layout promises', async () => {
    const written = eventTables.filter(({ name }) => parquet.tables[name]?.files.length);
    expect(written).to.have.lengthOf.above(10);
    for (const { name, columns } of written) {
      const found = await history.ask(`describe from ${files('parquet', name)}`);
      expect(
        // DuckDB quotes those names of fields alone that are words of its own.
        found.map((row) => [row.column_name, String(row.column_type).replaceAll('"', '')]),
        name,
      ).to.deep.equal(
        columns.map((column) => [
          column.name,
          column.type.replaceAll('TIMESTAMPTZ', 'TIMESTAMP WITH TIME ZONE').replaceAll('"', ''),
        ]),
      );
    }
  });

  it('holds every event once in its own table and once among all, as the log has it', async () => {
    const log = await history.log();
    const all = await history.ask(`from ${files('parquet', 'events')}`);
    expect(
      all.map((row) => ({
        ...row,
        data: JSON.parse(String(row.data)) as unknown,
        metadata: JSON.parse(String(row.metadata)) as unknown,
      })),
    ).to.deep.equal(
      log.map(({ position, stream, revision, id, type, recordedAt, data, metadata }) => ({
        ...{ position: String(position), stream, revision: String(revision), id, type },
        recorded_at: recordedAt
          .toISOString()
          .replace('T', ' ')
          .replace(/\.?0*Z$/, '+00'),
        correlation_id: metadata.correlationId,
        causation_id: metadata.causationId,
        actor_id: metadata.userId ?? null,
        schema_version: metadata.schemaVersion,
        ...{ data, metadata },
      })),
    );
    for (const { name, type } of eventTables) {
      const own = log.filter((event) => type === undefined || event.type === type);
      expect(parquet.tables[name]?.rows, name).to.equal(own.length);
    }
  });

  it('holds the values of the events in columns of their types', async () => {
    expect(
      await history.ask(`
        select watched_precision, watched_instant, watched_local_date, snapshot_genres, snapshot_release_date,
          snapshot_runtime_minutes + 1 as longer, note, given
        from ${files('parquet', 'movie_watched')} order by position`),
    ).to.deep.equal([
      {
        watched_precision: 'instant',
        watched_instant: '2026-02-07 03:26:00+00',
        watched_local_date: '2026-02-06',
        snapshot_genres: ['Horror', 'Science Fiction'],
        snapshot_release_date: '1979-05-25',
        longer: 118,
        note: difficultTexts.replace(/[\n\u2028]/g, ' '),
        given: ['note'],
      },
      {
        ...{ watched_precision: 'date', watched_instant: null, watched_local_date: '2026-03-01' },
        ...{ snapshot_genres: ['Horror', 'Science Fiction'], snapshot_release_date: '1979-05-25' },
        ...{ longer: 118, note: null, given: [] },
      },
      {
        ...{ watched_precision: 'unknown', watched_instant: null, watched_local_date: null },
        ...{ snapshot_genres: [], snapshot_release_date: null, longer: 91, note: null, given: [] },
      },
    ]);
    expect(
      await history.ask(`select rating from ${files('parquet', 'title_rated')} order by position`),
    ).to.deep.equal([{ rating: '8.3' }, { rating: '0.0' }, { rating: '10.0' }]);
    expect(
      await history.ask(`
        select "cast"[1].character as ripley, len("cast") as members, budget
        from ${files('parquet', 'movie_imported')} order by position limit 1`),
    ).to.deep.equal([{ ripley: 'Ripley', members: '2', budget: '11000000000' }]);
    // A field that was cleared is told from one that was left alone.
    expect(
      await history.ask(`
        select changes_tagline, changes_overview, changes_title, changes_given
        from ${files('parquet', 'movie_details_edited')}`),
    ).to.deep.equal([
      {
        ...{ changes_tagline: 'In space', changes_overview: null, changes_title: null },
        changes_given: ['tagline', 'overview'],
      },
    ]);
  });

  it('says the same in every format', async () => {
    for (const format of ['ndjson', 'csv'] as const) {
      const other = await history.export(format, { format });
      expect(Object.keys(other.tables)).to.deep.equal(Object.keys(parquet.tables));
      for (const [name, { rows, columns }] of Object.entries(parquet.tables)) {
        // JSON is compared as text: spaces in it say nothing.
        const comparable = columns
          .map((column) =>
            column.type === 'JSON' ? `"${column.name}"::varchar::json` : `"${column.name}"`,
          )
          .join(', ');
        const [one, another] = [
          `select ${comparable} from ${read('parquet', parquet, name)}`,
          `select ${comparable} from ${read(format, other, name)}`,
        ];
        const [counted] = await history.ask(
          `select (select count(*) from (${another}))::integer as rows,
             (select count(*) from ((${one}) except all (${another})))::integer as missing`,
        );
        expect(counted, `${name} as ${format}`).to.deep.equal({ rows, missing: 0 });
      }
    }
  });

  it('marks CSV for spreadsheets as UTF-8, and goes on as it began', async () => {
    const options = { format: 'csv', spreadsheet: true } as const;
    const { tables } = await history.export('spreadsheet', options);
    for (const file of Object.values(tables).flatMap(({ files }) => files)) {
      const text = await readFile(join(history.folder('spreadsheet'), file), 'utf8');
      expect(text.startsWith('\uFEFF'), file).to.equal(true);
    }
    const again = await history.export('spreadsheet', {});
    expect(again.spreadsheet).to.equal(true);
    const refused = await rejection(history.export('csv', options), UnusableExport);
    expect(refused.message).to.include('not for spreadsheets');
  });

  it('holds the rows of every read model, typed as PostgreSQL has them', async () => {
    const { database } = history.service.reellog;
    const models = Object.entries(parquet.tables).filter(([, { kind }]) => kind === 'read-model');
    expect(new Set(models.map(([name]) => name.split('.')[0]))).to.deep.equal(
      new Set(projections.map(({ name }) => name)),
    );
    for (const [name, { rows, position }] of models) {
      const [model = '', table = ''] = name.split('.');
      const [schema] = await database.query<{ schema: string }>({
        text: 'select schema from projections.checkpoints where name = $1',
        values: [model],
      });
      const [counted] = await database.query<{ rows: number }>({
        text: `select count(*)::integer as rows from "${schema?.schema}"."${table}"`,
      });
      expect(counted?.rows, name).to.equal(rows);
      expect(position).to.equal(String(await history.service.head()));
    }
    expect(
      await history.ask(
        `select typeof(user_id) as id, typeof(rating) as rating, typeof(rated_at) as at, typeof(name) as name,
           rating as value, review from ${read('parquet', parquet, 'ratings.ratings')} where rating < 10`,
      ),
    ).to.deep.equal([
      {
        ...{ id: 'UUID', rating: 'DECIMAL(3,1)', at: 'TIMESTAMP WITH TIME ZONE', name: 'JSON' },
        ...{ value: '8.3', review: difficultTexts },
      },
    ]);
  });

  it('is taken further by what came since, and leaves alone what is there', async () => {
    const first = await history.export('further');
    const [one] = first.tables.movie_imported?.files ?? [];
    if (one === undefined) throw new Error('no film was exported');
    const path = join(history.folder('further'), one);
    const before = await stat(path);
    await history.run('ImportMovie', { title: 'Later' });
    await history.service.caughtUp();
    const second = await history.export('further');
    expect(second.tables.movie_imported?.files).to.have.length(2);
    expect(second.position).to.equal(String(await history.service.head()));
    expect(await stat(path)).to.deep.include({ ino: before.ino, mtimeMs: before.mtimeMs });
    expect(
      await history.ask(
        `select count(*)::integer as events, count(distinct position)::integer as distinct_events
         from ${files('further', 'events')}`,
      ),
    ).to.deep.equal([
      { events: (await history.log()).length, distinct_events: second.tables.events?.rows },
    ]);
    // What there is of a read model is only what it is now.
    expect(
      await readdir(join(history.folder('further'), 'read_models/stats/totals')),
    ).to.have.length(1);
  });

  it('begins after the position that it is given', async () => {
    const log = await history.log();
    const after = log.at(-4)?.position ?? 0n;
    const { tables } = await history.export('since', { after, only: ['events'] });
    expect(Object.keys(tables)).to.deep.equal(['events']);
    expect(
      await history.ask(`select position from ${files('since', 'events')} order by position`),
    ).to.deep.equal(log.slice(-3).map(({ position }) => ({ position: String(position) })));
  });

  it('that is interrupted goes on where it was: every event once, and nothing half-written', async () => {
    const stop = new AbortController();
    const cut = { eventsAPart: 1, signal: stop.signal, only: ['events', 'movie_imported'] };
    let pages = 0;
    const { eventStore } = history.service.reellog;
    const slowly = {
      ...eventStore,
      readAll: (options: Parameters<typeof eventStore.readAll>[0]) =>
        eventStore.readAll({ ...options, maxCount: 5 }),
    };
    await rejection(
      history.export('cut', {
        ...{ ...cut, eventStore: slowly },
        onProgress: () => {
          pages += 1;
          if (pages === 2) stop.abort(new Error('enough'));
        },
      }),
      Error,
    );
    const folder = history.folder('cut');
    const left = await readManifest(folder);
    expect(left).to.deep.include({ complete: false });
    expect(left?.tables.events?.rows).to.equal(10);
    // As if it had been killed after a file was named, but before the manifest was.
    const stray = join(folder, 'events/events/0000000000000009999.parquet');
    await writeFile(stray, 'half');
    await mkdir(join(folder, '.unfinished'), { recursive: true });
    await writeFile(join(folder, '.unfinished/events.ndjson'), '{"half":');
    await writeFile(join(folder, 'manifest.json.new'), '{"half":');
    const whole = await history.export('cut');
    expect(whole.complete).to.equal(true);
    const log = await history.log();
    expect(
      await history.ask(`select position from ${files('cut', 'events')} order by position`),
    ).to.deep.equal(log.map(({ position }) => ({ position: String(position) })));
    expect((await readdir(folder)).sort()).to.deep.equal(['events', 'manifest.json']);
  });

  it('is refused where it would mix or damage what is there, and says what to do', async () => {
    const refused = async (...parameters: Parameters<typeof history.export>): Promise<string> =>
      (await rejection(history.export(...parameters), UnusableExport)).message;
    expect(await refused('parquet', { format: 'csv' })).to.match(/is an export to parquet/);
    expect(await refused('parquet', { after: 3n })).to.match(
      /goes on behind position \d+ by itself/,
    );
    expect(await refused('parquet', { only: ['events'] })).to.match(/is an export of everything/);
    const { eventStore } = history.service.reellog;
    const other = { ...eventStore, identify: () => Promise.resolve('another') };
    expect(await refused('parquet', { eventStore: other })).to.match(/of another log/);
    await mkdir(history.folder('full'));
    await writeFile(join(history.folder('full'), 'letter.txt'), 'Dear');
    expect(await refused('full')).to.match(/is not empty, and not an export/);
    expect(await readFile(join(history.folder('full'), 'letter.txt'), 'utf8')).to.equal('Dear');
    await writeFile(join(history.folder('parquet'), '.lock'), String(process.ppid));
    expect(await refused('parquet')).to.match(/Another export \(process \d+\) is writing/);
    await writeFile(join(history.folder('parquet'), '.lock'), '');
    expect((await history.export('parquet')).complete).to.equal(true);
    await writeFile(join(history.folder('parquet'), 'manifest.json'), '{"half":');
    expect(await refused('parquet')).to.match(/is not the manifest of an export/);
  });
});
