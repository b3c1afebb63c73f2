import { expect } from 'chai';
import type { RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import type { EventType } from '../../../src/domain/eventType.js';
import { eventTypes } from '../../../src/domain/eventTypes.js';
import { PERSONAL } from '../../../src/domain/schemas.js';
import { validator } from '../../../src/domain/validation.js';
import { toPostgres } from '../../../src/infra/eventstore/copy/toPostgres.js';
import { isSealed } from '../../../src/infra/eventstore/privacy/personalText.js';
import { projections } from '../../../src/projections/projections.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../support/readModels/projectionProcess.js';
import { differencesOf, readModelRows } from '../../support/readModels/readModelRows.js';
import { personalKeysOfExamples, storedExamples } from '../../support/histories/storedExamples.js';

const types: Readonly<Record<string, EventType>> = eventTypes;

/** The examples as the log counts them. */
const recorded = (): readonly RecordedEvent[] => {
  const lengths = new Map<string, bigint>();
  return storedExamples.map((example, nth) => {
    const revision = lengths.get(example.stream) ?? 0n;
    lengths.set(example.stream, revision + 1n);
    return {
      ...example,
      revision,
      position: BigInt(nth + 1),
      recordedAt: new Date(example.recordedAt),
    };
  });
};

describe('Stored events of every version', () => {
  let fresh: FreshDatabase;
  let process: ProjectionProcess;
  let read: readonly RecordedEvent[];

  /** A log with these events, as they are, at their times. */
  const logOf = async (events: readonly RecordedEvent[]) => {
    const database = await freshDatabase();
    const opened = await openProjectionProcess(database.connectionString, projections);
    for (const [userId, key] of personalKeysOfExamples) {
      await opened.database.query({
        text: 'insert into personal_keys (user_id, key) values ($1, $2)',
        values: [userId, key],
      });
    }
    const { signal } = new AbortController();
    await toPostgres(opened.log, opened.database).write(events, 0n, { signal });
    return { database, opened };
  };

  before(async () => {
    const { database, opened } = await logOf(recorded());
    [fresh, process] = [database, opened];
    read = (await opened.eventStore.readAll({ maxCount: 10_000 })).events;
  });
  after(async () => {
    await process.close();
    await fresh.drop();
  });

  it('stand in the log as they were stored', async () => {
    const { events } = await process.log.readAll({ maxCount: 10_000 });
    expect(events).to.deep.equal(recorded());
  });

  it('read as the newest version of their type, which its schema allows', () => {
    expect(read).to.have.length(storedExamples.length);
    for (const { id, type, data, metadata } of read) {
      const { version, schema } = types[type] ?? eventTypes.MovieImported;
      expect(metadata.schemaVersion, id).to.equal(version);
      expect(validator(schema)(data), id).to.deep.equal({ ok: true, value: data });
    }
  });

  it('have their personal text encrypted, in every field that is to be, and it can be read', () => {
    const personal = storedExamples.flatMap(({ id, type, data }) => {
      const properties: unknown = (types[type]?.schema as { properties?: unknown }).properties;
      return Object.entries(properties ?? {})
        .filter(([name, schema]) => PERSONAL in Object(schema) && typeof data[name] === 'object')
        .map(([name]) => ({ id, name, stored: data[name] }))
        .filter(({ stored }) => stored !== null);
    });
    expect(new Set(personal.map(({ name }) => name))).to.deep.equal(
      new Set(['displayName', 'note', 'review']),
    );
    for (const { id, name, stored } of personal) {
      expect(isSealed(stored), `${name} of ${id}`).to.equal(true);
      expect(read.find((event) => event.id === id)?.data[name]).to.be.a('string');
    }
    const reviews = read.filter(({ type }) => type === 'ReviewWritten');
    expect(reviews.map(({ data }) => data.review)).to.include('Slow, and over too soon.');
  });

  it('make the rows in every read model that the newest versions make', async () => {
    const newest = await logOf(
      read.map((event, nth) => ({
        ...event,
        // Sealed as it is: which key that takes is not the matter here.
        data: {
          ...event.data,
          ...Object.fromEntries(
            Object.entries(storedExamples[nth]?.data ?? {}).filter(([, value]) => isSealed(value)),
          ),
        },
      })),
    );
    try {
      const names = projections.map(({ name }) => name);
      await process.rebuild(names);
      await newest.opened.rebuild(names);
      const rows = await readModelRows(fresh.database);
      const others = await readModelRows(newest.database.database);
      expect(differencesOf(['as stored', rows], ['newest', others])).to.deep.equal([]);
      for (const name of names) {
        const own = Object.entries(rows).filter(([table]) => table.startsWith(`${name}.`));
        expect(own.flatMap(([, some]) => some).length, name).to.be.above(0);
      }
      expect(rows['catalogue.movies']?.join()).to.include('The Matrix').and.include('136');
    } finally {
      await newest.opened.close();
      await newest.database.drop();
    }
  });
});
