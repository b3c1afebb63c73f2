import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import {
  EventStoreError,
  type AppendResult,
  type EventStoreFailure,
} from '../../../../src/commands/ports/eventStore.js';
import type { EventStoreDbLog } from '../../../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import { eventually } from '../../../support/run/eventually.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { follow, idsOf, newStream, numbered, readEverything } from '../contract/log.js';
import { doubleLog, openServer, type DoubleLog } from './eventStoreDbLog.js';

/** For servers that never answer; all others get the time that a busy machine may take. */
const DEADLINE_MS = 1_000;

const failureOf = async (work: Promise<unknown>): Promise<EventStoreFailure> =>
  (await rejection(work, EventStoreError)).failure;

describe('EventStoreDB that fails', () => {
  let log: DoubleLog;
  let server: EventStoreDbLog;

  beforeEach(async () => {
    log = await doubleLog({ nodes: 3 });
    server = log.openServer();
  });

  afterEach(async () => {
    await server.close();
    await log.remove();
  });

  /** Waits for no answer longer than that. */
  const impatient = async (): Promise<void> => {
    await server.close();
    const { connectionString } = log.double;
    server = openServer(`${connectionString}&defaultDeadline=${DEADLINE_MS}`);
  };

  const append = (stream = newStream(), events = numbered(2)): Promise<AppendResult> =>
    server.append(stream, events, { expectedRevision: 'no-stream' });

  const leader = (): number => log.double.nodes.findIndex(({ isLeader }) => isLeader);
  const follower = (): number => (leader() + 1) % 3;

  it('appends and reads as before when another node has become the leader', async () => {
    const stream = newStream();
    const id = await server.identify();
    await append(stream);
    log.double.electLeader(follower());
    expect((await server.readStream(stream)).lastRevision).to.equal(1n);
    log.double.electLeader(follower());
    const { position } = await server.append(stream, numbered(1), { expectedRevision: 1n });
    log.double.electLeader(follower());
    expect((await server.places.last())?.commit).to.equal(position);
    log.double.electLeader(follower());
    expect(await server.identityNow()).to.equal(id);
    log.double.electLeader(follower());
    expect((await server.readStream(stream, { direction: 'backwards' })).lastRevision).to.equal(2n);
  });

  for (const [moment, written] of [
    ['beforeWrite', false],
    ['afterWrite', true],
  ] as const) {
    for (const kind of ['drop', 'kill'] as const) {
      it(`is one append, tried again, after a ${kind} of its node ${written ? 'behind' : 'before'} the write`, async () => {
        const stream = newStream();
        const events = numbered(3);
        await append();
        const fault = log.double.faults.inject({ at: moment, effect: { kind }, stream });
        const failed = await failureOf(append(stream, events));
        expect(failed).to.deep.equal({ kind: 'unavailable' });
        expect(fault.struck).to.equal(1);
        expect(log.double.log.lastEventNumber(stream)).to.equal(written ? 2 : -1);
        let result: AppendResult | undefined;
        await eventually('it is appended', async () => {
          result = await append(stream, events).catch(() => undefined);
          return result !== undefined;
        });
        expect(result?.revision).to.equal(2n);
        const there = await server.readStream(stream);
        expect(idsOf(there.events)).to.deep.equal(idsOf(events));
        expect(there.events.at(-1)?.position).to.equal(result?.position);
      });
    }
  }

  it('that never answers is told by a time limit, and asked anew over another connection', async () => {
    await impatient();
    const stream = newStream();
    await append(stream);
    const { faults } = log.double;
    const hung = { kind: 'wait', until: new Promise(() => undefined) } as const;
    faults.inject({ at: 'request', effect: hung, times: Number.POSITIVE_INFINITY });
    const later = newStream();
    const answers = await Promise.all([
      failureOf(append(later)),
      failureOf(server.readStream(stream)),
      failureOf(server.places.last()),
      failureOf(server.identityNow()),
    ]);
    for (const { kind } of answers) expect(kind).to.be.oneOf(['timeout', 'unavailable']);
    expect(answers.map(({ kind }) => kind)).to.include('timeout');
    faults.clear();
    await eventually('it is appended', () =>
      append(later).then(
        () => true,
        () => false,
      ),
    );
    expect((await server.readStream(later)).lastRevision).to.equal(1n);
  });

  it('whose nodes are deaf is given up after the time limit, too', async () => {
    await impatient();
    for (const node of log.double.nodes) {
      node.deaf = true;
      node.dropConnections();
    }
    expect((await failureOf(append())).kind).to.be.oneOf(['timeout', 'unavailable']);
    for (const node of log.double.nodes) {
      node.deaf = false;
      node.dropConnections();
    }
    await eventually('it is appended', () =>
      append().then(
        () => true,
        () => false,
      ),
    );
  });

  it('goes on giving followers every event once, through dropped connections and new leaders', async () => {
    const mirrored = await log.open();
    const { store } = mirrored;
    const seen = follow(store, { after: 0n, batchSize: 7 });
    const ids: string[] = [];
    const appendSome = async (): Promise<void> => {
      const stream = newStream();
      const events = numbered(5);
      await eventually('it is appended', () =>
        append(stream, events).then(
          () => true,
          () => false,
        ),
      );
      ids.push(...idsOf(events));
    };
    try {
      const disturb = [
        () => log.double.nodes[leader()]?.dropConnections(),
        () => {
          log.double.electLeader(follower());
        },
        () => log.double.nodes[leader()]?.kill(),
        () => {
          const cancelled = { code: status.CANCELLED, details: 'the server is busy' };
          log.double.faults.inject({
            ...{ at: 'answer', method: 'Read', skip: 2 },
            effect: { kind: 'status', status: cancelled },
          });
        },
      ];
      for (const disturbance of disturb) {
        await appendSome();
        disturbance();
        await appendSome();
        for (const node of log.double.nodes) if (!node.isAlive) await node.revive();
      }
      await appendSome();
      await eventually('the follower has it all', () => seen.events().length >= ids.length);
      expect(idsOf(seen.events())).to.deep.equal(ids);
      let before = 0n;
      for (const { after, position } of seen.batches) {
        expect(after).to.equal(before);
        before = position;
      }
      expect(idsOf(await readEverything(store))).to.deep.equal(ids);
    } finally {
      await seen.stop();
      await mirrored.close();
    }
  });

  it('does not end the process with answers to appends that it was told failed', async () => {
    // Two append streams at once: when the first fails, the client forgets what the second waits for.
    const other = await doubleLog();
    const second = other.openServer();
    try {
      await append();
      let answer: () => void = () => undefined;
      const until = new Promise<void>((resolve) => {
        answer = resolve;
      });
      other.double.faults.inject({ at: 'afterWrite', effect: { kind: 'wait', until } });
      const stream = newStream();
      const waiting = second.append(stream, numbered(1), { expectedRevision: 'no-stream' }).then(
        () => 'appended',
        () => 'unknown',
      );
      await eventually('it is written', () => other.double.log.lastEventNumber(stream) === 0);
      for (const node of log.double.nodes) node.dropConnections();
      expect(await waiting).to.equal('unknown');
      answer();
      // Answered on the same stream, after what nobody waits for any more.
      await second.append(newStream(), numbered(1), { expectedRevision: 'no-stream' });
      expect((await second.readStream(stream)).lastRevision).to.equal(0n);
    } finally {
      await second.close();
      await other.remove();
    }
  });
});
