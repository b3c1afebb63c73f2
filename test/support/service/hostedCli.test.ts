import { expect } from 'chai';
import { runCli, startCli } from './cliProcess.js';
import { freshDatabase } from '../postgres/database.js';

/** Nothing listens there. */
const NOBODY = 'postgresql://reellog@127.0.0.1:1/reellog';

describe('Commands that share a process', () => {
  const everyWay: readonly (readonly string[])[] = [
    ['token', '--help'],
    ['token', 'list', '--colour'],
    ['token', 'list'],
    ['token', 'revoke', 'what'],
  ];

  it('say the same as processes of their own, and end alike', async () => {
    const settings = { DATABASE_URL: NOBODY };
    for (const args of everyWay) {
      const alone = await startCli(args, settings).ended;
      expect(alone.stdout + alone.stderr).not.to.equal('');
      for (let time = 0; time < 2; time += 1) {
        expect(await runCli(args, settings), args.join(' ')).to.deep.equal(alone);
      }
    }
  });

  it('find the settings that each was given, and no others', async () => {
    const fresh = await freshDatabase();
    try {
      const settings = { DATABASE_URL: fresh.connectionString };
      const strange = { ...settings, REELLOG_STRANGE: 'yes' };
      const said = [];
      for (const given of [settings, strange, { DATABASE_URL: NOBODY }, settings]) {
        const { code, stderr } = await runCli(['jobs', 'log'], given);
        said.push([code, stderr.split(':')[0]]);
      }
      expect(said).to.deep.equal([
        [0, ''],
        [0, 'REELLOG_STRANGE is not a setting of Reellog'],
        [4, 'The database is not available'],
        [0, ''],
      ]);
    } finally {
      await fresh.drop();
    }
  });
});
