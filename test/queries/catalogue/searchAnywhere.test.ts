import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import type { MovieDetails } from '../../../src/domain/movie/events.js';
import { movieIdOf, movieStream } from '../../../src/domain/streams.js';
import { postgresPastEvents } from '../../../src/infra/eventstore/postgres/reads/pastEvents.js';
import { migrate } from '../../../src/infra/postgres/migrate.js';
import { createPastReadModels } from '../../../src/infra/readModels/scratch/pastReadModels.js';
import { createReplay } from '../../../src/infra/readModels/scratch/replay.js';
import { createServedReadModels } from '../../../src/infra/readModels/live/servedReadModels.js';
import { catalogue } from '../../../src/projections/catalogue/catalogue.js';
import { createAsOfQueries } from '../../../src/queries/serving/asOf.js';
import { movies } from '../../../src/queries/catalogue/movies.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { prepareEventLog, removeEventLog } from '../../support/postgres/eventLog.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../support/readModels/projectionProcess.js';
import { recordable } from '../../support/readModels/projectionSpecification.js';

const films: readonly MovieDetails[] = [
  { title: '$' },
  { title: '…' },
  { title: '1917', year: 2019 },
  { title: 'Blade Runner 2049', year: 2017 },
  { title: 'E.T. the Extra-Terrestrial', year: 1982 },
  { title: 'İstanbul Kırmızısı', originalLanguage: 'tr' },
  { title: 'It', year: 1990 },
  { title: 'It', year: 2017 },
  { title: 'The Lives of Others', originalLanguage: 'de' },
  { title: 'M*A*S*H', year: 1970 },
  { title: 'Az ötödik pecsét', originalLanguage: 'hu' },
  { title: 'Star Wars: Episode IV - A New Hope', year: 1977 },
  { title: 'Straße', originalLanguage: 'de' },
  { title: 'S.W.A.T.', year: 2003 },
  { title: 'WALL·E', year: 2008 },
  { title: 'Zzq 2' },
  { title: 'Zzq 9' },
  { title: 'Zzq 10' },
  { title: 'Ο Θίασος', originalLanguage: 'el' },
  { title: 'Сталкер', originalLanguage: 'ru' },
  { title: 'スター・ウォーズ', originalLanguage: 'ja' },
];

const nameOf = ({ title, year }: { readonly title: string; readonly year?: number }): string =>
  year === undefined ? title : `${title} ${year}`;

/** What is typed, and what comes first. */
const searches = [
  ['swat', 'S.W.A.T. 2003'],
  ['mash', 'M*A*S*H 1970'],
  ['ET', 'E.T. the Extra-Terrestrial 1982'],
  ['walle', 'WALL·E 2008'],
  ['starwars', 'Star Wars: Episode IV - A New Hope 1977'],
  ['Сталкир', 'Сталкер'],
  ['СТАЛКЕР', 'Сталкер'],
  ['スターウォーズ', 'スター・ウォーズ'],
  ['ウォーズ', 'スター・ウォーズ'],
  ['ΘΙΑΣ', 'Ο Θίασος'],
  ['$', '$'],
  ['…', '…'],
  ['It 2017', 'It 2017'],
  ['It (1990)', 'It 1990'],
  ['1917', '1917 2019'],
  ['blade runner 2049', 'Blade Runner 2049 2017'],
  ['ISTANBUL KIRMIZISI', 'İstanbul Kırmızısı'],
  ['STRASSE', 'Straße'],
] as const;

const LOCALES = {
  'the locale C': "locale_provider libc locale 'C'",
  'Turkish by ICU': "locale_provider icu icu_locale 'tr-TR' locale 'C'",
  'Swedish by ICU': "locale_provider icu icu_locale 'sv-SE' locale 'C'",
  'Unicode code points': "locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'",
} as const;

/** Extensions that an administrator may have put somewhere have no part in it. */
const ELSEWHERE = 'create schema extensions; create extension pg_trgm schema extensions';

for (const [locale, options] of Object.entries(LOCALES)) {
  describe(`Films in a database of a plain role, with ${locale},`, () => {
    const asker = { userId: uuidv7(), zone: 'UTC', now: new Date() };
    const role = `films_${process.pid}`;
    const name = `${role}_database`;
    let admin: FreshDatabase;
    let connectionString: string;
    let running: ProjectionProcess;

    before(async () => {
      admin = await freshDatabase({ contents: 'nothing' });
      const run = (text: string) => admin.database.query({ text });
      await run(`create role ${role} login`);
      await run(
        `create database ${name} owner ${role} template template0 encoding 'UTF8' ${options}`,
      );
      const asAdmin = admin.connectionString.replace(/\/\w+\?/, `/${name}?`);
      connectionString = asAdmin.replace(/\/\/[^@/]*@/, `//${role}@`);
      const elsewhere = await openProjectionProcess(asAdmin, []);
      for (const text of ELSEWHERE.split(';')) await elsewhere.database.query({ text });
      await elsewhere.close();
      await migrate(connectionString);
      await prepareEventLog(connectionString);
      running = await openProjectionProcess(connectionString, [catalogue]);
      for (const [nth, film] of films.toReversed().entries()) {
        const movieId = movieIdOf('tmdb', nth + 1);
        const event = recordable({ type: 'MovieImported', data: { movieId, ...film } });
        await running.eventStore.append(movieStream(movieId), [event], {
          expectedRevision: 'no-stream',
        });
      }
      await running.rebuild(['catalogue']);
    });

    after(async () => {
      await running.close();
      await removeEventLog(connectionString);
      await admin.database.query({ text: `drop database ${name} with (force)` });
      await admin.database.query({ text: `drop role ${role}` });
      await admin.drop();
    });

    const past = () =>
      createPastReadModels({
        ...{ database: running.database, eventStore: running.eventStore, projections: [catalogue] },
        pastEvents: postgresPastEvents(running.database, running.log.tables),
        readModels: createServedReadModels(running.database),
      });

    for (const [typed, first] of searches) {
      it(`have ${first} first for “${typed}”, now and as of a moment`, async () => {
        const parameters = { q: typed, limit: 20 };
        const served = createServedReadModels(running.database).now();
        const now = await movies.read(parameters, asker, served);
        expect(now?.movies.map(nameOf)[0]).to.equal(first);
        const position = await running.eventStore.headPosition({});
        const then = await createAsOfQueries({ past: past(), limitMs: 10_000 }).ask(
          movies,
          parameters,
          { kind: 'position', position },
          asker,
        );
        expect(JSON.parse(then?.body.toString() ?? '')).to.deep.equal(now);
      });
    }

    it('are in the same order', async () => {
      const served = createServedReadModels(running.database).now();
      const listed = await movies.read({ limit: 100 }, asker, served);
      expect(listed?.movies.map(({ title }) => title)).to.deep.equal(
        films.map(({ title }) => title),
      );
    });

    it('can be replayed', async () => {
      const { database, eventStore, log } = running;
      const replay = createReplay({
        ...{ database, eventStore, projections: [catalogue] },
        pastEvents: postgresPastEvents(database, log.tables),
      });
      const upTo = await eventStore.headPosition({});
      let rows = 0;
      const { signal } = new AbortController();
      for await (const page of replay({ name: 'catalogue', upTo, signal })) {
        rows += page.filter(({ table }) => table === 'movies').length;
      }
      expect(rows).to.equal(films.length);
    });
  });
}
