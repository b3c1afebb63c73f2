import { serverUnderTest } from '../../../support/postgres/serverUnderTest.js';
import { describeEventStoreContract } from '../eventStoreContract.js';
import { doubleLog, serverLog } from './eventStoreDbLog.js';

describeEventStoreContract('EventStoreDB', () => doubleLog());

describeEventStoreContract('A cluster of EventStoreDB with TLS and users, shared with others', () =>
  doubleLog({ nodes: 3, tls: true }, 'reellog.'),
);

describeEventStoreContract('An EventStoreDB that takes one append at a time', () =>
  doubleLog({ without: ['/event_store.client.streams.Streams/BatchAppend'] }),
);

const server = serverUnderTest();
if (server !== undefined) {
  describeEventStoreContract('The EventStoreDB of TEST_EVENTSTORE_URL', () => serverLog(server));
}
