import { expect } from 'chai';
import fc from 'fast-check';
import type { RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import type { DomainEvent } from '../../../src/domain/eventTypes.js';
import { postgresPastEvents } from '../../../src/infra/eventstore/postgres/reads/pastEvents.js';
import { createPostgresEventStore } from '../../../src/infra/eventstore/postgres/postgresEventStore.js';
import { createPastReadModels } from '../../../src/infra/readModels/scratch/pastReadModels.js';
import { createReadModelStore } from '../../../src/infra/readModels/live/readModelStore.js';
import type { ReadModelStore } from '../../../src/projections/ports/readModelStore.js';
import { createServedReadModels } from '../../../src/infra/readModels/live/servedReadModels.js';
import { achievements as achievementsModel } from '../../../src/projections/achievements/achievements.js';
import { catalogue } from '../../../src/projections/catalogue/catalogue.js';
import { collections } from '../../../src/projections/collections/collections.js';
import { history as historyModel } from '../../../src/projections/history/history.js';
import { byStream } from '../../../src/domain/byStream.js';
import { pastOf } from '../../../src/projections/engine/past.js';
import type { ProjectedEvent, Projection } from '../../../src/projections/ports/projection.js';
import { stats as statsModel } from '../../../src/projections/stats/stats.js';
import { streaks as streaksModel } from '../../../src/projections/streaks/streaks.js';
import { validator } from '../../../src/domain/validation.js';
import { achievements } from '../../../src/queries/stats/achievements.js';
import { createAsOfQueries } from '../../../src/queries/serving/asOf.js';
import { history } from '../../../src/queries/viewing/history.js';
import { movie } from '../../../src/queries/catalogue/movie.js';
import { movies } from '../../../src/queries/catalogue/movies.js';
import type { Asker, Query } from '../../../src/queries/query.js';
import { stats } from '../../../src/queries/stats/stats.js';
import { streaks } from '../../../src/queries/stats/streaks.js';
import { freshDatabase } from '../../support/postgres/database.js';
import { testLogger } from '../../support/run/logger.js';
import { pastByReading } from '../../support/readModels/pastByReading.js';
import { recordable, streamOf } from '../../support/readModels/projectionSpecification.js';
import { filmId, personId } from '../../support/histories/viewingEvents.js';
import { viewingHistories } from '../../support/histories/viewingHistories.js';

const projections: readonly Projection[] = [
  historyModel,
  catalogue,
  collections,
  statsModel,
  streaksModel,
  achievementsModel,
];

/** What happens to the films of the histories, in the catalogue. */
const filmEvent: fc.Arbitrary<DomainEvent> = fc
  .tuple(
    fc.nat(4),
    fc.constantFrom('import', 'import', 'edit', 'edit', 'remove', 'restore'),
    fc.constantFrom('Alien', 'Der blaue Engel', 'M', 'Amélie'),
    fc.integer({ min: 1920, max: 2020 }),
  )
  .map(([film, what, title, year]): DomainEvent => {
    const movieId = filmId(`Film ${film}`);
    switch (what) {
      case 'import':
        return { type: 'MovieImported', data: { movieId, title, year, genres: ['Drama'] } };
      case 'edit':
        return {
          type: 'MovieDetailsEdited',
          data: { movieId, changes: { title }, locks: ['title'] },
        };
      case 'remove':
        return { type: 'MovieRemoved', data: { movieId } };
      default:
        return { type: 'MovieRestored', data: { movieId } };
    }
  });

const seen: fc.Arbitrary<DomainEvent> = fc.constant({
  type: 'AchievementsSeen',
  data: { userId: personId('Ada'), achievements: 'all' },
});

/** What people do with films, in the order of a history, and what happens to the films in between. */
const logs: fc.Arbitrary<readonly DomainEvent[]> = fc
  .tuple(
    viewingHistories(30),
    fc.array(fc.oneof({ weight: 5, arbitrary: filmEvent }, seen), { maxLength: 20 }),
    fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
  )
  .map(([watching, others, turns]) => {
    const rest = [...others];
    const all: DomainEvent[] = [];
    watching.forEach((event, nth) => {
      const other = turns[nth % turns.length] === true ? rest.shift() : undefined;
      if (other) all.push(other);
      all.push({ type: event.type, data: event.data } as DomainEvent);
    });
    return [...all, ...rest];
  });

/** Everything that can be asked as of a moment, with parameters that lead every way through it. */
const questions: readonly (readonly [Query, Readonly<Record<string, unknown>>])[] = [
  [history, {}],
  [history, { sort: 'recorded', limit: '3' }],
  [history, { movieId: filmId('Film 0'), from: '2025-12-29' }],
  [stats, {}],
  [stats, { limit: '2' }],
  [stats, { period: 'year', year: '2025' }],
  [stats, { period: 'month', year: '2026', month: '1' }],
  [stats, { period: 'range', from: '2025-12-30', to: '2026-01-02' }],
  [streaks, {}],
  [achievements, {}],
  [movies, {}],
  [movies, { q: 'amelie' }],
  [movies, { sort: 'year', order: 'asc', yearFrom: '1950', limit: '2' }],
  [movies, { watched: 'true', decade: '1980' }],
  [movies, { watched: 'false', genre: 'drama', sort: 'random', seed: '7', limit: '2' }],
  [movie, { movieId: filmId('Film 0') }],
  [movie, { movieId: filmId('Film 1') }],
];

const now = new Date('2030-01-01T00:00:00.000Z');
const askers: readonly Asker[] = [
  { userId: personId('Ada'), zone: 'UTC', now },
  { userId: personId('Bob'), zone: 'America/New_York', now },
];

/** Takes a live read model on, as a worker does. */
const project = async (
  store: ReadModelStore,
  projection: Projection,
  before: readonly RecordedEvent[],
  events: readonly RecordedEvent[],
): Promise<void> => {
  const last = events.at(-1);
  if (!last) return;
  const isHandled = (event: RecordedEvent): event is RecordedEvent & ProjectedEvent =>
    (projection.handles as readonly string[]).includes(event.type);
  await store.advance(await store.prepare(projection), last.position, (tx) =>
    projection.project(
      events.filter(isHandled),
      tx,
      pastOf(byStream(before), projection, new Set()),
    ),
  );
};

const coerced = ([query, given]: (typeof questions)[number]): unknown => {
  const checked = validator(query.parameters, { coerce: true })(given);
  if (!checked.ok) throw new Error(checked.errors.map(({ message }) => message).join());
  return checked.value;
};

describe('Answers as of a moment of any history', () => {
  it('are what the read models answered when the log ended there', async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.nat(1_000), async (events, nth) => {
        const fresh = await freshDatabase();
        const { database } = fresh;
        const eventStore = createPostgresEventStore({ database, logger: testLogger });
        const store = createReadModelStore(database);
        try {
          for (const event of events) {
            const expectedRevision = 'any';
            await eventStore.append(streamOf(event), [recordable(event)], { expectedRevision });
          }
          const log = (await eventStore.readAll()).events;
          const asOf = [
            pastByReading(eventStore),
            postgresPastEvents(database, eventStore.tables, 5),
          ].map((pastEvents) =>
            createAsOfQueries({
              past: createPastReadModels({
                ...{ database, eventStore, pastEvents, projections },
                readModels: createServedReadModels(database),
              }),
              limitMs: 10_000,
            }),
          );
          for (const projection of projections) await store.prepare(projection);
          const served = createServedReadModels(database).now();
          let from = 0;
          for (const place of [nth % (log.length + 1), log.length]) {
            for (const projection of projections) {
              await project(store, projection, log.slice(0, from), log.slice(from, place));
            }
            from = place;
            const then = (log[place - 1] ?? log[0])?.recordedAt ?? now;
            for (const [index, question] of questions.entries()) {
              const [query] = question;
              // By turns: each question is asked by both people, of both readers, in time.
              const asker = askers[(index + place) % 2];
              const queries = asOf[(index + events.length) % 2];
              if (!asker || !queries) throw new Error('nobody asks');
              const parameters = coerced(question);
              const live = await query.read(parameters, { ...asker, now: then }, served);
              const moment = { kind: 'position', position: BigInt(place) } as const;
              const answer = await queries.ask(query, parameters, moment, asker);
              expect(
                answer && JSON.parse(answer.body),
                `${query.name} ${JSON.stringify(question[1])} as of ${place}`,
              ).to.deep.equal(live === undefined ? live : JSON.parse(JSON.stringify(live)));
            }
          }
        } finally {
          await store.close();
          await eventStore.close();
          await fresh.drop();
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });
});
