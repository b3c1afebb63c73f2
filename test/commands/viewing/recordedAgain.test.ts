import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import type { CommandData } from '../../../src/commands/command.js';
import { describeOnBothLogs } from '../../support/run/bothLogs.js';
import { startReellog, type RunningReellog } from '../../support/service/reellog.js';

type Watch = CommandData<'RecordWatchEvent'>;

describeOnBothLogs('A watch that is imported again', () => {
  let service: RunningReellog;
  let movieId: string;

  before(async () => {
    service = await startReellog();
  });
  after(() => service.close());

  beforeEach(async () => {
    ({ id: movieId } = await service.reellog.execute({
      name: 'ImportMovie',
      data: { title: 'Alien', releaseDate: '1979-05-25' },
      actor: { userId: service.owner.userId, role: 'owner' },
    }));
  });

  const imports = (data: Omit<Watch, 'movieId' | 'source'>) =>
    service.reellog.execute({
      name: 'RecordWatchEvent',
      data: { movieId, source: 'import', ...data },
      actor: { userId: service.member.userId, role: 'member' },
    });

  for (const [how, first, again] of [
    [
      'by its second',
      { watched: { at: '2026-02-06T20:15:00.100Z' } },
      { watched: { at: '2026-02-06T21:15:00.900+01:00' } },
    ],
    ['by its day', { watched: { date: '2026-02-06' } }, { watched: { date: '2026-02-06' } }],
    ['by its release', { watched: 'released' }, { watched: 'released' }],
    ['by knowing nothing', {}, { watched: 'unknown' }],
    [
      "by the source's id",
      { externalId: '7', watched: { date: '2026-02-06' } },
      { externalId: '7', watched: { date: '2026-02-07' } },
    ],
    [
      'under another id',
      { playId: randomUUID(), watched: { date: '2026-02-06' } },
      { playId: randomUUID(), watched: { date: '2026-02-06' } },
    ],
  ] as const satisfies readonly (readonly [string, object, object])[]) {
    it(`is answered with the id of the watch that is there, told ${how}`, async () => {
      const there = await imports(first);
      expect(there).to.include({ appended: 1, created: true });
      expect(await imports(again)).to.include({ appended: 0, created: false, id: there.id });
    });
  }
});
