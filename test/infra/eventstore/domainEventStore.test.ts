import { expect } from 'chai';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  EventStoreError,
  type EventStore,
  type EventToAppend,
} from '../../../src/commands/ports/eventStore.js';
import type { DomainEvent } from '../../../src/domain/eventTypes.js';
import { movieStream, viewingStream } from '../../../src/domain/streams.js';
import { withDomainEvents } from '../../../src/infra/eventstore/domainEventStore.js';
import {
  createPersonalKeys,
  type PersonalKeys,
} from '../../../src/infra/eventstore/privacy/personalKeys.js';
import { seal } from '../../../src/infra/eventstore/privacy/personalText.js';
import { eventually } from '../../support/run/eventually.js';
import { rejection } from '../../support/deciders/rejection.js';
import { storedExamples } from '../../support/histories/storedExamples.js';
import { filmId, personId, sometime, viewingOf } from '../../support/histories/viewingEvents.js';
import { follow, newStream, type OpenedStore } from './contract/log.js';
import { postgresLog, type PostgresLog } from './postgres/postgresLog.js';

interface StoredEvent {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Readonly<Record<string, unknown>>;
}

describe('Domain events in the log', () => {
  let log: PostgresLog;
  let raw: OpenedStore;
  let personalKeys: PersonalKeys;
  let store: EventStore;

  before(async () => {
    log = await postgresLog();
    raw = log.open();
    personalKeys = createPersonalKeys(log.database);
    store = withDomainEvents(raw.store, { personalKeys });
  });

  after(async () => {
    await raw.close();
    await log.remove();
  });

  const stored = (
    { type, data }: { readonly type: string; readonly data: Readonly<Record<string, unknown>> },
    schemaVersion = 1,
  ): EventToAppend => ({
    id: randomUUID(),
    type,
    data,
    metadata: { correlationId: 'act', causationId: 'command', schemaVersion },
  });

  const append = (stream: string, ...events: readonly DomainEvent[]) =>
    store.append(
      stream,
      events.map((event) => stored(event)),
      { expectedRevision: 'any' },
    );

  describe('are checked when they are appended', () => {
    const library = { libraryId: randomUUID(), name: 'Films', kind: 'movies', paths: [] } as const;

    const refusals: readonly (readonly [why: string, event: StoredEvent, says: RegExp])[] = [
      [
        'a type that nobody knows',
        { type: 'LibraryBurnt', schemaVersion: 1, data: library },
        /known/,
      ],
      [
        'a field that is missing',
        { type: 'LibraryRenamed', schemaVersion: 1, data: { libraryId: library.libraryId } },
        /name/,
      ],
      [
        'a field too many',
        { type: 'LibraryCreated', schemaVersion: 1, data: { ...library, colour: 'red' } },
        /colour/,
      ],
      [
        'a value of the wrong kind',
        { type: 'LibraryCreated', schemaVersion: 1, data: { ...library, paths: '/films' } },
        /paths/,
      ],
      [
        'a character that cannot be stored',
        { type: 'LibraryCreated', schemaVersion: 1, data: { ...library, name: 'a\u0000b' } },
        /name/,
      ],
    ];
    for (const [why, event, says] of refusals) {
      it(`${why} is refused, with all the events beside it`, async () => {
        const stream = newStream('library');
        const fine = stored({ type: 'LibraryCreated', data: library });
        const work = store.append(stream, [fine, stored(event)], { expectedRevision: 'any' });
        const { failure } = await rejection(work, EventStoreError);
        expect(failure).to.deep.include({ kind: 'invalid-event', type: event.type });
        expect(failure).to.have.property('detail').that.matches(says);
        expect((await store.readStream(stream)).events).to.deep.equal([]);
      });
    }

    it('the version of their schema is stamped on them, whatever the caller says', async () => {
      const movieId = randomUUID();
      const event = stored({ type: 'MovieImported', data: { movieId, title: 'M' } }, 1);
      await store.append(movieStream(movieId), [event], { expectedRevision: 'any' });
      const { events } = await raw.store.readStream(movieStream(movieId));
      expect(events[0]?.metadata).to.deep.equal({ ...event.metadata, schemaVersion: 2 });
    });

    it('other failures of the log come through as they are', async () => {
      const work = store.append(
        newStream('library'),
        [stored({ type: 'LibraryCreated', data: library })],
        {
          expectedRevision: 7n,
        },
      );
      const { failure } = await rejection(work, EventStoreError);
      expect(failure).to.include({ kind: 'wrong-expected-revision', expected: 7n });
    });
  });

  describe('with text about a person', () => {
    const SECRETS = ['Wept through the whole second act', 'with Ida, in the rain', 'Noor El-Amin'];
    const [review = '', note = '', displayName = ''] = SECRETS;

    /** A person with all three texts. @returns the stream */
    const tell = async (name: string): Promise<string> => {
      const viewing = viewingOf(name, 'Stalker');
      const stream = viewingStream(personId(name), filmId('Stalker'));
      await append(stream, viewing.watched(sometime, { note }), viewing.reviewed(review));
      await append(`account-${personId(name)}`, {
        type: 'AccountRegistered',
        data: { userId: personId(name), displayName, role: 'member', zone: 'UTC' },
      });
      return stream;
    };

    const textsOf = async (name: string, from = store) => {
      const { events } = await from.readStream(viewingStream(personId(name), filmId('Stalker')));
      const { events: account } = await from.readStream(`account-${personId(name)}`);
      return [events[0]?.data.note, events[1]?.data.review, account[0]?.data.displayName];
    };

    it('read as they were written, in another process as well', async () => {
      await tell('reader');
      expect(await textsOf('reader')).to.deep.equal([note, review, displayName]);
      const elsewhere = withDomainEvents(raw.store, {
        personalKeys: createPersonalKeys(log.database),
      });
      expect(await textsOf('reader', elsewhere)).to.deep.equal([note, review, displayName]);
    });

    it('read the same from the stream, from the log and by following it', async () => {
      const before = await store.headPosition();
      await tell('follower');
      const { events } = await store.readAll({ after: before });
      const follower = follow(store, { after: before });
      await eventually('all have come', () => follower.events().length === 3);
      expect(follower.events()).to.deep.equal(events);
      await follower.stop();
      const { events: ofStream } = await store.readStream(
        viewingStream(personId('follower'), filmId('Stalker')),
      );
      expect(events.slice(0, 2)).to.deep.equal(ofStream);
    });

    it('do not have the text in any table', async () => {
      await tell('private');
      const tables = await log.database.query<{ name: string }>({
        text: `select format('%I.%I', schemaname, tablename) as name from pg_tables
               where schemaname not in ('pg_catalog', 'information_schema')`,
      });
      const tablesWith = async (text: string): Promise<readonly string[]> => {
        const found: string[] = [];
        for (const { name } of tables) {
          const rows = await log.database.query({
            text: `select from ${name} t where position($1 in t::text) > 0`,
            values: [text],
          });
          if (rows.length > 0) found.push(name);
        }
        return found;
      };
      expect(await tablesWith('Stalker'), 'what is not personal').to.deep.equal(['log.events']);
      for (const secret of SECRETS) expect(await tablesWith(secret)).to.deep.equal([]);
    });

    it('keep everything else readable in the table', async () => {
      const stream = await tell('plain');
      const { events } = await raw.store.readStream(stream);
      expect(events[1]?.data).to.deep.include({
        ...viewingOf('plain', 'Stalker').reviewed('').data,
        review: events[1]?.data.review,
      });
      expect(events[1]?.data.review).to.have.keys('sealed', 'key');
    });

    it('read as null once the key is destroyed, and so do those of nobody else', async () => {
      await tell('erased');
      await tell('kept');
      await personalKeys.destroy(personId('erased'));
      expect(await textsOf('erased')).to.deep.equal([null, null, null]);
      expect(await textsOf('kept')).to.deep.equal([note, review, displayName]);
      const { events } = await store.readStream(
        viewingStream(personId('erased'), filmId('Stalker')),
      );
      const { watched } = viewingOf('erased', 'Stalker');
      expect(events[0]?.data).to.deep.equal({ ...watched(sometime, { note }).data, note: null });
    });

    it('whose key is lost read as null and come back with it, and another key is never made silently', async () => {
      const userId = personId('lost');
      const stream = await tell('lost');
      const [lost] = await log.database.query({
        text: 'delete from personal_keys where user_id = $1 returning id, user_id, key, created_at',
        values: [userId],
      });
      const warnings: unknown[][] = [];
      const anotherProcess = () =>
        withDomainEvents(raw.store, {
          personalKeys: createPersonalKeys(log.database),
          logger: { warn: (details, message) => warnings.push([details, message]) },
        });
      const first = anotherProcess();
      expect(await textsOf('lost', first)).to.deep.equal([null, null, null]);
      expect(await textsOf('lost', first)).to.deep.equal([null, null, null]);
      expect(warnings).to.have.length(1);
      expect(warnings[0]?.[0]).to.deep.equal({ people: 1, userIds: [userId] });
      expect(warnings[0]?.[1]).to.match(/are not in this database/);

      const again = stored(viewingOf('lost', 'Stalker').noted('after it was lost'));
      await first.append(stream, [again], { expectedRevision: 'any' });
      expect(warnings).to.have.length(2);
      expect(warnings[1]?.[0]).to.deep.equal({ userId });
      expect(warnings[1]?.[1]).to.match(/a new key is made/);
      const noteNow = async () => (await anotherProcess().readStream(stream)).events[2]?.data.note;
      expect(await textsOf('lost', anotherProcess())).to.deep.equal([null, null, null]);
      expect(await noteNow()).to.equal('after it was lost');

      await log.database.query({
        text: 'insert into personal_keys (id, user_id, key, created_at) values ($1, $2, $3, $4)',
        values: [lost?.id, lost?.user_id, lost?.key, lost?.created_at],
      });
      expect(await textsOf('lost', anotherProcess())).to.deep.equal([note, review, displayName]);
      expect(await noteNow()).to.equal('after it was lost');
    });

    it('that does not name its key, as it was once written, is not taken for tampered with', async () => {
      const userId = personId('of before');
      const stream = viewingStream(userId, filmId('Stalker'));
      const event = stored(viewingOf('of before', 'Stalker').reviewed(review), 1);
      const withKey = (key: Buffer) => ({
        ...event,
        id: randomUUID(),
        data: { ...event.data, review: seal(review, key, 'elsewhere') },
      });
      await raw.store.append(stream, [withKey(randomBytes(32))], { expectedRevision: 'any' });
      const keys = await personalKeys.make(userId);
      if (keys === 'erased') throw new Error('no key was made');
      const readWithKeyMade = async (when: string) => {
        await log.database.query({
          text: 'update personal_keys set created_at = now() + $2::interval where user_id = $1',
          values: [userId, when],
        });
        const another = createPersonalKeys(log.database);
        return withDomainEvents(raw.store, { personalKeys: another }).readStream(stream);
      };
      const { events } = await readWithKeyMade('1 hour');
      expect(events[0]?.data.review).to.equal(null);
      await rejection(readWithKeyMade('-1 hour'), EventStoreError);
    });

    it('are refused once the key is destroyed, but not what has no text', async () => {
      const viewing = viewingOf('leaving', 'Stalker');
      const stream = viewingStream(personId('leaving'), filmId('Stalker'));
      await personalKeys.destroy(personId('leaving'));
      const work = append(stream, viewing.reviewed(review));
      expect((await rejection(work, EventStoreError)).failure).to.include({
        kind: 'invalid-event',
        type: 'ReviewWritten',
      });
      await append(stream, viewing.watched(sometime), viewing.liked());
      expect((await store.readStream(stream)).lastRevision).to.equal(1n);
    });

    it('that clear a text keep null, which no key is needed for', async () => {
      const viewing = viewingOf('clearing', 'Stalker');
      const stream = viewingStream(personId('clearing'), filmId('Stalker'));
      await append(stream, viewing.watched(sometime, { note }), viewing.noted(null));
      const { events } = await store.readStream(stream);
      expect(events.map(({ data }) => data.note)).to.deep.equal([note, null]);
    });

    it('are not read when somebody moved the sealed text to another event', async () => {
      const stream = await tell('victim');
      const { events } = await raw.store.readStream(stream);
      const forged = newStream('viewing');
      await raw.store.append(
        forged,
        [{ ...(events[1] ?? stored(viewingOf('', '').liked())), id: randomUUID() }],
        {
          expectedRevision: 'any',
        },
      );
      await rejection(store.readStream(forged), Error);
    });

    it('give the first answer when they are appended again', async () => {
      const event = stored(viewingOf('again', 'Stalker').reviewed(review));
      const stream = viewingStream(personId('again'), filmId('Stalker'));
      const first = await store.append(stream, [event], { expectedRevision: 'no-stream' });
      expect(await store.append(stream, [event], { expectedRevision: 'no-stream' })).to.deep.equal(
        first,
      );
      expect((await store.readStream(stream)).events.map(({ data }) => data.review)).to.deep.equal([
        review,
      ]);
    });
  });

  describe('of an older version', () => {
    const [old] = storedExamples.filter(
      ({ type, metadata }) => type === 'MovieImported' && metadata.schemaVersion === 1,
    );
    if (!old) throw new Error('there is no stored example');
    const stream = newStream('movie');
    let start: bigint;

    before(async () => {
      start = await raw.store.headPosition();
      await raw.store.append(stream, [stored(old, old.metadata.schemaVersion)], {
        expectedRevision: 'any',
      });
    });

    it('read as the newest, from the stream, from the log and by following it', async () => {
      const { genres, runtime, ...rest } = old.data;
      expect({ genres, runtime }).to.deep.equal({ genres: 'Action|Science Fiction', runtime: 136 });
      const follower = follow(store, { after: start });
      await eventually('it has come', () => follower.events().length === 1);
      await follower.stop();
      for (const events of [
        (await store.readStream(stream)).events,
        (await store.readStream(stream, { direction: 'backwards' })).events,
        (await store.readAll({ after: start, maxCount: 1 })).events,
        follower.events(),
      ]) {
        expect(events.map(({ data }) => data)).to.deep.equal([
          { ...rest, genres: ['Action', 'Science Fiction'], runtimeMinutes: 136 },
        ]);
        expect(events[0]?.metadata.schemaVersion).to.equal(2);
      }
    });

    it('have their personal text decrypted, also where today’s version has none of that name', async () => {
      const userId = personId('of old');
      const keys = await personalKeys.make(userId);
      if (keys === 'erased') throw new Error('no key was made');
      const event = stored(old, old.metadata.schemaVersion);
      const remark = seal('as it was then', keys[0].key, `${event.id}/remark`);
      const itsStream = newStream('movie');
      await raw.store.append(itsStream, [{ ...event, data: { ...old.data, userId, remark } }], {
        expectedRevision: 'any',
      });
      const { events } = await store.readStream(itsStream);
      expect(events[0]?.data.remark).to.equal('as it was then');
    });

    it('stay in the log as they were written', async () => {
      const { events } = await raw.store.readStream(stream);
      expect(events[0]).to.deep.include({ data: old.data });
      expect(events[0]?.metadata.schemaVersion).to.equal(1);
    });

    it('take new ones after them', async () => {
      const movieId = String(old.data.movieId);
      await append(stream, { type: 'MovieRemoved', data: { movieId } });
      const { events } = await store.readStream(stream);
      expect(events.map(({ type }) => type)).to.deep.equal(['MovieImported', 'MovieRemoved']);
    });
  });

  it('of a type or a version that only a newer program knows pass as they are', async () => {
    const stream = newStream('movie');
    const events = [
      stored({ type: 'MovieColourised', data: { by: 'somebody' } }, 1),
      stored({ type: 'MovieImported', data: { movieId: 'new', titles: ['M'] } }, 99),
    ];
    await raw.store.append(stream, events, { expectedRevision: 'any' });
    const read = await store.readStream(stream);
    expect(read.events.map(({ data, metadata }) => ({ data, metadata }))).to.deep.equal(
      events.map(({ data, metadata }) => ({ data, metadata })),
    );
  });
});
