import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../support/run/eventually.js';
import { openAftermath, type Aftermath } from '../../support/faults/afterFault.js';
import { openClients, type Clients } from '../../support/faults/clients.js';
import { canMount, pretendedDisk, smallDisk, type Disk } from '../../support/faults/fullDisk.js';
import { serveReellog, type ServedReellog } from '../../support/faults/servedReellog.js';
import { memberOf } from '../../support/service/httpClient.js';
import { seededChance, testSeed } from '../../support/histories/seededChance.js';

const CLIENTS = 6;
const SOME = 25;
const FULL_FOR_MS = 600;

const mountable = await canMount();
/** The first time a real one is full, PostgreSQL ends itself; then it has files to spare, and refuses. */
const disks: readonly (readonly [string, number, () => Promise<Disk>])[] = [
  ['as the database tells it', 1, pretendedDisk],
  ...(mountable ? [['of a small file system in memory', 2, smallDisk] as const] : []),
];
const which = mountable ? 'with a small one' : 'without a small one, which cannot be mounted here';

describe(`The disk full (${which}; REELLOG_TEST_SEED=${testSeed})`, () => {
  for (const [what, times, open] of disks) {
    describe(what, () => {
      let disk: Disk;
      let served: ServedReellog;
      let clients: Clients;
      let aftermath: Aftermath;

      before(async () => {
        aftermath = await openAftermath();
        disk = await open();
        served = await serveReellog(disk.settings);
        clients = openClients(CLIENTS, seededChance(testSeed), (request) => served.send(request));
      });
      after(async () => {
        await served.close();
        await disk.close();
        await aftermath.close();
      });

      for (let time = 1; time <= times; time += 1) {
        it(`refuses commands for the time being, and goes on by itself when there is room (${time})`, async () => {
          await clients.during(async () => {
            const before = clients.taken();
            await eventually('commands are taken', () => clients.taken() >= before + SOME);
            await disk.fill();
            const refused = clients.refused().length;
            await eventually('commands are refused', () => clients.refused().length > refused);
            await sleep(FULL_FOR_MS);
            await disk.free();
            const freed = clients.taken();
            await eventually('commands are taken again', () => clients.taken() >= freed + SOME);
          });
          await served.ready();
          await aftermath.expectAllWell(await disk.connectionString(), clients);
        });
      }

      it('has said to each that it refused when to try again', () => {
        for (const { headers, json } of clients.refused()) {
          expect(headers).to.include({ 'retry-after': '2' });
          expect(json).to.include({ type: '/problems/unavailable', status: 503 });
        }
      });

      // A server that ends itself for want of room says nothing any more.
      if (open === pretendedDisk) {
        it('has said why', () => {
          const reasons = clients.refused().map(({ json }) => memberOf(json, 'detail'));
          expect(reasons).to.include(
            'The disk of the database is full. What was accepted is not lost; try again when there is room.',
          );
        });
      }
    });
  }
});
