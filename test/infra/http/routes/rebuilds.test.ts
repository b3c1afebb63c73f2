import { expect } from 'chai';
import type { Rebuild, RebuildStore } from '../../../../src/projections/ports/rebuildStore.js';
import { createRebuildStore } from '../../../../src/infra/readModels/rebuild/rebuildStore.js';
import {
  openEventStream,
  type EventStream,
  type ReceivedEvent,
} from '../../../support/service/eventStream.js';
import { eventually } from '../../../support/run/eventually.js';
import { memberOf, textOf, type HttpAnswer } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';

/** Of a read model that no code has: nobody but the test rebuilds it. */
const decades = { name: 'decades', version: 1 };
const asked = { requestedBy: 'the test' };

describe('Rebuilds over HTTP', () => {
  let reellog: RunningReellog;
  let rebuilds: RebuildStore;
  let streams: EventStream[] = [];
  /** Of the events of the log, which progress is told in. */
  let positions: readonly bigint[];

  before(async () => {
    reellog = await startReellog();
    rebuilds = createRebuildStore(reellog.reellog.database);
    for (const title of ['Ordet', 'Gertrud', 'Vampyr', 'Mikaël']) {
      await reellog.api({ method: 'POST', path: '/movies', body: { title } });
    }
    await reellog.caughtUp();
    const { events } = await reellog.reellog.eventStore.readAll();
    positions = events.map(({ position }) => position);
  });
  after(async () => {
    await reellog.close();
  });
  afterEach(async () => {
    for (const stream of streams) stream.close();
    streams = [];
    await reellog.reellog.database.query({
      text: `delete from projections.builds where name = 'decades'`,
    });
  });

  const request = async (): Promise<Rebuild> => {
    const [rebuild] = await rebuilds.request([decades], asked);
    if (!rebuild) throw new Error('no rebuild');
    return rebuild;
  };
  const follow = async (path: string, lastEventId?: string): Promise<EventStream> => {
    const stream = await openEventStream({
      url: `${reellog.url}/api/v1${path}`,
      token: reellog.owner.token,
      ...(lastEventId === undefined ? {} : { lastEventId }),
    });
    streams.push(stream);
    return stream;
  };
  /**
   * The first event that is meant; `undefined` at the end. Others come between whenever it was looked again and the
   * pace was another.
   */
  const until = async (
    stream: EventStream,
    isMeant: (event: ReceivedEvent) => boolean,
  ): Promise<ReceivedEvent | undefined> => {
    for (;;) {
      const event = await stream.next();
      if (event === undefined || isMeant(event)) return event;
    }
  };
  const hasEnded = ({ event }: ReceivedEvent): boolean => event === 'ended';
  const isAt =
    (events: string) =>
    ({ data }: ReceivedEvent): boolean =>
      memberOf(data, 'position') === events;
  /** It has come so far, of all of the log. */
  const report = (id: bigint, events: number) =>
    rebuilds.report([
      {
        ...{ id, state: 'replaying', position: positions[events - 1] ?? 0n },
        ...{ target: positions.at(-1) ?? 0n, events: BigInt(events) },
      },
    ]);
  const setState = (id: bigint, state: string) =>
    reellog.reellog.database.query({
      text: 'update projections.builds set state = $2, updated_at = now(), finished_at = now() where id = $1',
      values: [id, state],
    });
  const act = (rebuild: Pick<Rebuild, 'id'>, method: string, action = '', body?: object) =>
    reellog.api({
      ...{ method, path: `/rebuilds/${rebuild.id}${action}` },
      ...(body ? { body } : {}),
    });
  const isConflict = ({ status, json }: HttpAnswer, detail: RegExp): void => {
    expect(status).to.equal(409);
    expect(textOf(json, 'type')).to.equal('/problems/conflict');
    expect(textOf(json, 'detail')).to.match(detail);
  };

  it('are asked for by the name of a read model, with a throttle, and found where the answer says', async () => {
    const answer = await reellog.api({
      ...{ method: 'POST', path: '/projections/genre_names/rebuilds' },
    });
    expect(answer.status).to.equal(404);
    expect(textOf(answer.json, 'detail')).to.match(/no projection "genre_names".*There are: /);
    const made = await reellog.api({
      ...{ method: 'POST', path: '/projections/streaks/rebuilds', body: { eventsPerSecond: 5 } },
    });
    expect(made.status).to.equal(202);
    expect(made.json).to.deep.include({
      ...{ projection: 'streaks', eventsPerSecond: 5, requestedBy: reellog.owner.userId },
    });
    const location = String(made.headers.location).replace('/api/v1', '');
    const found = await reellog.api({ path: location });
    expect(textOf(found.json, 'id')).to.equal(textOf(made.json, 'id'));
    await reellog.api({ method: 'POST', path: `${location}/cancel` });
    await eventually('it has ended', async () => {
      const { json } = await reellog.api({ path: location });
      return /cancelled|served/.test(textOf(json, 'state'));
    });
  });

  it('are throttled, and let go again, while they are under way', async () => {
    const rebuild = await request();
    const slower = await act(rebuild, 'PATCH', '', { eventsPerSecond: 10 });
    expect(memberOf(slower.json, 'eventsPerSecond')).to.equal(10);
    const free = await act(rebuild, 'PATCH', '', { eventsPerSecond: null });
    expect(free.status).to.equal(200);
    expect(memberOf(free.json, 'eventsPerSecond')).to.equal(null);
    await setState(rebuild.id, 'served');
    isConflict(await act(rebuild, 'PATCH', '', { eventsPerSecond: 10 }), /not under way.*served/);
  });

  it('are cancelled while they are under way', async () => {
    const rebuild = await request();
    const cancelled = await act(rebuild, 'POST', '/cancel');
    expect(cancelled.status).to.equal(202);
    expect(textOf(cancelled.json, 'state')).to.equal('cancelled');
    isConflict(await act(rebuild, 'POST', '/cancel'), /not under way.*cancelled/);
  });

  it('are gone back to, and dropped, where they are retired', async () => {
    const rebuild = await request();
    isConflict(await act(rebuild, 'POST', '/roll-back'), /not retired/);
    isConflict(await act(rebuild, 'DELETE'), /not retired/);
    await setState(rebuild.id, 'retired');
    const unknown = await act(rebuild, 'POST', '/roll-back');
    expect(unknown.status, 'the code has no such read model').to.equal(404);
    const gone = await act(rebuild, 'DELETE');
    expect({ status: gone.status, text: gone.text }).to.deep.equal({ status: 204, text: '' });
    expect((await rebuilds.find(rebuild.id))?.state).to.equal('dropped');
  });

  it('are not gone back to where another version made them', async () => {
    await reellog.reellog.database.query({
      text: `insert into projections.builds (name, version, schema, state, requested_by)
             values ('watchlist', 999, 'watchlist_old', 'retired', 'nobody')`,
    });
    const [retired] = (await rebuilds.list()).filter(({ version }) => version === 999);
    if (!retired) throw new Error('no such rebuild');
    isConflict(await act(retired, 'POST', '/roll-back'), /of version 999/);
  });

  it('tell of their progress until they have ended', async () => {
    const { id } = await request();
    const stream = await follow(`/rebuilds/${id}/progress`);
    expect(await stream.next()).to.deep.include({ event: 'progress' });
    await report(id, 1);
    let event = await until(stream, isAt('1'));
    const target = String(positions.length);
    expect(event?.data).to.deep.include({ state: 'replaying', target });
    await report(id, 3);
    event = await until(stream, isAt('3'));
    expect(event?.data).to.deep.include({ events: '3' });
    expect(memberOf(event?.data, 'rate')).to.be.greaterThan(0);
    expect(memberOf(event?.data, 'secondsLeft')).to.be.greaterThan(0);
    await setState(id, 'served');
    event = await until(stream, hasEnded);
    expect(event?.data).to.deep.include({ state: 'served', rate: 0 });
    expect(await stream.next()).to.equal(undefined);
    expect(await stream.ended).to.equal(true);
  });

  it('tell whoever comes again the newest state, and who knows the end that there is no more', async () => {
    const { id } = await request();
    const path = `/rebuilds/${id}/progress`;
    const first = await (await follow(path)).next();
    await report(id, 1);
    await report(id, 2);
    const again = await follow(path, first?.id);
    expect((await again.next())?.data).to.deep.include({ position: '2' });
    await rebuilds.cancel('decades');
    const last = await until(again, hasEnded);
    expect(last?.data).to.deep.include({ state: 'cancelled', position: '2' });
    const late = await follow(path, first?.id);
    expect(await late.next()).to.deep.equal(last);
    const known = await follow(path, last?.id);
    expect(known.status).to.equal(204);
    expect(await known.ended).to.equal(true);
  });

  it('tell of all of them, also of what ended while nobody listened', async () => {
    const nobodys = await follow('/rebuilds/progress');
    expect(await nobodys.next()).to.deep.include({ event: 'ended', data: { rebuilds: [] } });
    const { id } = await request();
    const stream = await follow('/rebuilds/progress');
    const before = await stream.next();
    expect(memberOf(before?.data, 'rebuilds', 0, 'id')).to.equal(String(id));
    const [other] = await rebuilds.request([{ name: 'eras', version: 1 }], asked);
    const both = await until(
      stream,
      ({ data }) => memberOf(data, 'rebuilds', 1, 'id') !== undefined,
    );
    expect(memberOf(both?.data, 'rebuilds')).to.have.length(2);
    stream.close();
    await rebuilds.cancel('decades');
    await rebuilds.cancel('eras');
    const late = await follow('/rebuilds/progress', both?.id);
    const last = await late.next();
    expect(last?.event).to.equal('ended');
    const told = memberOf(last?.data, 'rebuilds');
    expect((told as object[]).map((one) => memberOf(one, 'id'))).to.have.members([
      String(id),
      String(other?.id),
    ]);
    expect((await follow('/rebuilds/progress', last?.id)).status).to.equal(204);
  });

  it('do not keep the service from stopping when somebody follows them', async () => {
    const service = await startReellog({ shutdownSeconds: 60 });
    try {
      const [rebuild] = await createRebuildStore(service.reellog.database).request(
        [decades],
        asked,
      );
      const stream = await openEventStream({
        url: `${service.url}/api/v1/rebuilds/${rebuild?.id}/progress`,
        token: service.owner.token,
      });
      streams.push(stream);
      expect(await stream.next()).to.deep.include({ event: 'progress' });
      await service.reellog.close();
      expect(await until(stream, hasEnded), 'no end is told: it goes on').to.equal(undefined);
      expect(await stream.ended, 'it came to a proper end').to.equal(true);
    } finally {
      await service.close();
    }
  });
});
