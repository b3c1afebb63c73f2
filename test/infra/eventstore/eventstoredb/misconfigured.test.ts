import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { expect } from 'chai';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  EventStoreError,
  type EventStoreFailure,
} from '../../../../src/commands/ports/eventStore.js';
import { runCli } from '../../../support/service/cliProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import {
  startEventStoreDouble,
  type EventStoreDouble,
} from '../../../support/eventstoredb/double.js';
import { startReellog } from '../../../support/service/reellog.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { newStream, numbered } from '../contract/log.js';
import { openServer } from './eventStoreDbLog.js';

const PASSWORD = 'hush';
const READER = { name: 'reader', password: PASSWORD, groups: [] };

/** What every call of an adapter at this address fails with. */
const refusal = async (address: string): Promise<readonly [EventStoreFailure['kind'], string]> => {
  const opened = openServer(`${address}&maxDiscoverAttempts=2&discoveryInterval=10`);
  try {
    const error = await rejection(opened.places.last(), EventStoreError);
    return [error.failure.kind, error.message];
  } finally {
    await opened.close();
  }
};

for (const nodes of [1, 3]) {
  describe(`An address that does not fit an EventStoreDB of ${nodes}`, () => {
    let secure: EventStoreDouble;
    let plain: EventStoreDouble;
    /** Of the node that is asked first, which may be any. */
    const node = 'EventStoreDB at 127\\.0\\.0\\.1:\\d+';

    const withUser = (user: string): string =>
      secure.connectionString.replace(/\/\/[^@]*@/, `//${user}`);
    const withoutCa = (): string => secure.connectionString.replace(/&tlsCAFile=[^&]*/, '');

    before(async () => {
      secure = await startEventStoreDouble({
        ...{ nodes, tls: true, users: [READER] },
        credentials: { username: 'admin', password: 'changeit' },
      });
      plain = await startEventStoreDouble({ nodes });
    });
    after(async () => {
      await secure.close();
      await plain.close();
    });

    const cases: readonly (readonly [
      what: string,
      address: () => string,
      kind: EventStoreFailure['kind'],
      said: string,
    ])[] = [
      [
        'by a certificate that is not trusted',
        withoutCa,
        'unavailable',
        `The certificate of ${node} is not trusted: .*certificate.* tlsCAFile=/path/to/ca.crt\\.`,
      ],
      [
        'by a certificate for other names',
        () => secure.connectionString.replaceAll('127.0.0.1', '127.1'),
        'unavailable',
        'The certificate of EventStoreDB at 127\\.1:\\d+ is for other names .*',
      ],
      [
        'by TLS that is not there',
        () => plain.connectionString.replace('tls=false', 'tls=true'),
        'unavailable',
        `${node} speaks no TLS\\. .* tls=false .*`,
      ],
      [
        'by TLS that is there',
        () => withoutCa().replace('tls=true', 'tls=false'),
        'unavailable',
        `${node} takes connections with TLS alone\\. .* tlsCAFile=/path/to/ca.crt\\.`,
      ],
      [
        'by its password',
        () => withUser(`admin:${PASSWORD}@`),
        'access-denied',
        'EventStoreDB refuses the user or the password in its address\\. .*',
      ],
      [
        'by having no user',
        () => withUser(''),
        'access-denied',
        'EventStoreDB lets nobody in without a user\\. .*',
      ],
      [
        'by a user who may not read everything',
        () => withUser(`reader:${PASSWORD}@`),
        'access-denied',
        'EventStoreDB does not let the user in its address read \\$all\\. .*',
      ],
    ];
    for (const [what, address, kind, said] of cases) {
      it(`${what}, is told what to do`, async () => {
        const [failed, message] = await refusal(address());
        expect(failed).to.equal(kind);
        expect(message).to.match(new RegExp(`^${said}$`));
        expect(message).to.not.include(PASSWORD).and.not.include('changeit');
      });
    }
  });
}

describe('An EventStoreDB that cannot be used', () => {
  let fresh: FreshDatabase;
  before(async () => {
    fresh = await freshDatabase();
  });
  after(() => fresh.drop());

  const events = (address: string) =>
    runCli(['events'], {
      ...{ DATABASE_URL: fresh.connectionString, REELLOG_EVENTSTORE_URL: address },
      REELLOG_LOG_LEVEL: 'silent',
    });

  it('is no node that has no leader, which is told as such', async () => {
    const double = await startEventStoreDouble({ nodes: 3 });
    double.nodes[0]?.kill();
    double.nodes[1]?.kill();
    try {
      const [kind, message] = await refusal(double.connectionString);
      expect(kind).to.equal('unavailable');
      expect(message).to.match(/^EventStoreDB answers, but none of its nodes can serve/);
    } finally {
      await double.close();
    }
  });

  it('is unavailable also when nobody can find out why', async () => {
    const double = await startEventStoreDouble({ tls: true });
    const caFile = join(await mkdtemp(join(tmpdir(), 'reellog-')), 'ca.crt');
    await copyFile(double.caFile ?? '', caFile);
    const opened = openServer(
      double.connectionString.replace(/tlsCAFile=[^&]*/, `tlsCAFile=${caFile}`),
    );
    await rm(dirname(caFile), { recursive: true });
    await double.close();
    try {
      const error = await rejection(opened.places.last(), EventStoreError);
      expect(error.failure).to.deep.equal({ kind: 'unavailable' });
    } finally {
      await opened.close();
    }
  });

  it('ends a command with 4, and one sentence', async () => {
    const double = await startEventStoreDouble({ tls: true, users: [READER] });
    const reader = double.connectionString.replace(/\/\/[^@]*@/, `//reader:${PASSWORD}@`);
    try {
      for (const [address, said] of [
        [double.connectionString.replace(/&tlsCAFile=.*/, ''), /^The certificate of .*\n$/],
        [reader.replace(PASSWORD, 'other'), /^EventStoreDB refuses the user .*\n$/],
        [reader, /^EventStoreDB does not let the user .*\n$/],
        [
          'esdb://127.0.0.1:1?tls=false',
          /^EventStoreDB at 127\.0\.0\.1:1 cannot be reached: .*\n$/,
        ],
      ] as const) {
        const { code, stdout, stderr } = await events(address);
        expect({ code, stdout }, stderr).to.deep.equal({ code: 4, stdout: '' });
        expect(stderr).to.match(said);
      }
    } finally {
      await double.close();
    }
  });

  it('is told to clients as a problem, without more, when a right is taken away later', async () => {
    const double = await startEventStoreDouble({ tls: true, users: [READER] });
    const admin = EventStoreDBClient.connectionString(double.connectionString);
    await admin.setStreamMetadata('$all', { acl: { readRoles: [READER.name] } });
    const reellog = await startReellog({
      eventStoreUrl: double.connectionString.replace(/\/\/[^@]*@/, `//reader:${PASSWORD}@`),
    });
    const record = (title: string) =>
      reellog.api({ method: 'POST', path: '/movies', body: { title } });
    try {
      expect((await record('Ikiru')).status).to.equal(201);
      const settings = { $userStreamAcl: { $w: ['$admins'] } };
      await admin.appendToStream('$settings', jsonEvent({ type: 'update', data: settings }));
      const { status, text } = await record('Ran');
      expect(status).to.equal(503);
      expect(text).to.include('denies access');
      expect(text).to.not.include(PASSWORD).and.not.include(READER.name).and.not.include('127.0.0');
    } finally {
      await reellog.close();
      await admin.dispose();
      await double.close();
    }
  });

  it('is none with a certificate for its IP address, of which Node.js warns of nothing', async () => {
    const double = await startEventStoreDouble({ tls: true, nodes: 3 });
    const opened = openServer(double.connectionString);
    try {
      await opened.append(newStream(), numbered(1), { expectedRevision: 'no-stream' });
      const { code, stderr } = await events(double.connectionString);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    } finally {
      await opened.close();
      await double.close();
    }
  });
});
