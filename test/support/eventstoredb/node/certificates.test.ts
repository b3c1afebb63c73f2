import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';

import {
  AccessDeniedError,
  UnavailableError,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { expect } from 'chai';

import { rejection } from '../../deciders/rejection.js';
import type { UserCertificate } from './certificates.js';
import { byAppend, count, film, useDoubles } from '../doublesForTests.js';

describe('the EventStoreDB double over TLS', () => {
  const { start, clientOf } = useDoubles();

  it('is trusted by a client that knows its CA, and by no other', async () => {
    const { connectionString, nodes } = await start({ tls: true });
    const client = clientOf(connectionString);
    await client.appendToStream('films', film());
    expect(await count(client.readStream('films'))).to.equal(1);
    const stranger = clientOf(`esdb://admin:changeit@127.0.0.1:${String(nodes[0]?.port)}`);
    await rejection(stranger.appendToStream('films', film(), byAppend), UnavailableError);
  });

  it('removes its certificates when it is closed', async () => {
    const double = await start({ tls: true });
    expect(existsSync(double.caFile ?? '')).to.equal(true);
    await double.close();
    expect(existsSync(double.caFile ?? '')).to.equal(false);
  });

  it('refuses a wrong password, whatever is asked', async () => {
    const { connectionString } = await start({ tls: true });
    const client = clientOf(connectionString);
    const credentials = { username: 'admin', password: 'wrong' };
    await rejection(client.appendToStream('films', film(), { credentials }), AccessDeniedError);
    await rejection(count(client.readStream('films', { credentials })), AccessDeniedError);
  });

  it('takes a user by his certificate, if its CA signed that and the user is known', async () => {
    const double = await start({ tls: true });
    const url = `esdb://127.0.0.1:${String(double.nodes[0]?.port)}?tlsCAFile=${double.caFile ?? ''}`;
    const bearer = ({ certFile, keyFile }: UserCertificate): EventStoreDBClient =>
      clientOf(`${url}&userCertFile=${certFile}&userKeyFile=${keyFile}`);

    await rejection(clientOf(url).appendToStream('films', film()), AccessDeniedError);
    const admin = bearer(await double.issueToUser('admin'));
    await admin.appendToStream('films', film());
    expect(await count(admin.readStream('films'))).to.equal(1);

    const unknown = bearer(await double.issueToUser('nobody'));
    await rejection(unknown.appendToStream('films', film()), AccessDeniedError);
    const other = await start({ tls: true });
    const forged = bearer(await other.issueToUser('admin'));
    await rejection(forged.appendToStream('films', film(), byAppend), UnavailableError);
  });

  it('answers HTTP on the same port', async () => {
    const double = await start({ tls: true, hostNames: ['films.example'] });
    const [response] = (await once(
      get({
        host: '127.0.0.1',
        servername: 'films.example',
        port: double.nodes[0]?.port,
        path: '/health/live',
        ca: await readFile(double.caFile ?? ''),
        agent: false,
      }),
      'response',
    )) as [IncomingMessage];
    expect(response.resume().statusCode).to.equal(204);
  });
});
