import { expect } from 'chai';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { startRadarrDouble, type RadarrDouble } from '../../../support/providers/radarrDouble.js';
import { startCli, type CliResult } from '../../../support/service/cliProcess.js';

const kept = (tmdbId: number) => ({
  ...{ id: tmdbId, tmdbId, title: `Film ${tmdbId}`, path: `\\\\nas\\films\\${tmdbId}` },
  movieFile: { id: tmdbId, relativePath: `${tmdbId}.mkv`, size: tmdbId },
});

describe('reellog import radarr', () => {
  let radarr: RadarrDouble;
  let fresh: FreshDatabase;

  before(async () => {
    radarr = await startRadarrDouble();
    fresh = await freshDatabase();
  });
  after(async () => {
    await fresh.drop();
    await radarr.close();
  });

  const importing = (
    args: readonly string[],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<CliResult> =>
    startCli(['import', 'radarr', ...args], {
      ...{ DATABASE_URL: fresh.connectionString, RADARR_URL: radarr.url },
      RADARR_API_KEY: radarr.key,
      ...settings,
    }).ended;
  const summaryOf = ({ code, stdout, stderr }: CliResult): unknown => {
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };
  const all = (added: number) => ({ added, alreadyThere: 0, refused: 0 });

  it('tells what it would do, does it, and has nothing to do the second time', async () => {
    radarr.library = [kept(1), kept(2), kept(3), { id: 4, title: 'Untold' }];
    const { code, stdout } = await importing(['--dry-run']);
    expect(code).to.equal(0);
    expect(stdout).to.include('Nothing was changed').and.include('skipped Untold');
    expect(summaryOf(await importing(['--json']))).to.deep.include({
      ...{ inLibrary: 3, films: all(3), files: all(3), detached: all(0), events: 6 },
      unreadable: [{ entry: "Untold (Radarr's 4)", why: 'it has no id of TMDb' }],
    });
    expect(summaryOf(await importing(['--json']))).to.deep.include({
      ...{ inLibrary: 3, films: all(0), files: all(0), detached: all(0), events: 0 },
    });
  });

  it('says what is wrong with how it is called', async () => {
    const settings = { RADARR_URL: '', RADARR_API_KEY: '' };
    const [unset, misspelt, refused] = await Promise.all([
      importing([], settings),
      importing(['--library', 'films']),
      importing([], { RADARR_API_KEY: 'wrong' }),
    ]);
    expect(unset).to.include({ code: 2, stdout: '' });
    expect(unset.stderr).to.include('RADARR_URL and RADARR_API_KEY');
    expect(misspelt).to.include({ code: 2, stdout: '' });
    expect(refused).to.include({ code: 1, stdout: '' });
    expect(refused.stderr).to.include('Radarr: answered 401').and.not.include('    at ');
  });
});
