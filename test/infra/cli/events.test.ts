import { expect } from 'chai';
import type { RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import { movieStream } from '../../../src/domain/streams.js';
import { runCli, startCli } from '../../support/cliProcess.js';
import { openCommandProcess } from '../../support/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';

/** More than a pipe holds. */
const FILMS = 400;

describe('reellog events', () => {
  let fresh: FreshDatabase;
  let log: readonly RecordedEvent[];
  let film: string;

  before(async () => {
    fresh = await freshDatabase();
    const commands = openCommandProcess(fresh.connectionString);
    const films = await Promise.all(
      Array.from({ length: FILMS }, (_, nth) =>
        commands.run('ImportMovie', { title: `Film ${nth}` }),
      ),
    );
    film = films[7]?.id ?? '';
    await commands.run('RecordWatchEvent', { movieId: film, rating: 9 });
    await commands.run('EditMovieDetails', { movieId: film, changes: { tagline: 'The seventh' } });
    await commands.run('WriteReview', {
      movieId: film,
      review: 'A line\nand "another": ünïcode, \u2028.',
    });
    await commands.run('CreateLibrary', { name: 'Attic', kind: 'movies' });
    // The command itself makes the owner's account on a new database.
    await runCli(['events', '--limit', '0'], { DATABASE_URL: fresh.connectionString });
    log = (await commands.eventStore.readAll({ after: 0n, maxCount: 10_000 })).events;
    await commands.close();
  });
  after(() => fresh.drop());

  const settings = () => ({ DATABASE_URL: fresh.connectionString });

  /** What the command prints for events: as the log has them, with the person's text readable. */
  const lineOf = (event: RecordedEvent) => ({
    ...event,
    position: event.position.toString(),
    revision: event.revision.toString(),
    recordedAt: event.recordedAt.toISOString(),
  });

  const printed = async (...options: readonly string[]): Promise<readonly unknown[]> => {
    const { code, stdout, stderr } = await runCli(['events', ...options], settings());
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout.endsWith('\n')).to.equal(true);
    return stdout
      .slice(0, -1)
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  };

  const at = (nth: number): RecordedEvent => {
    const event = log.at(nth);
    if (!event) throw new Error(`there is no event ${nth}`);
    return event;
  };

  it('prints the whole log, or one stream of it, one JSON object per line', async () => {
    expect(log.length).to.be.above(FILMS + 5);
    const stream = movieStream(film);
    const expected = log.filter((event) => event.stream === stream);
    expect(expected).to.have.length(2);
    const [whole, one] = await Promise.all([printed(), printed('--stream', stream)]);
    expect(whole).to.deep.equal(log.map(lineOf));
    expect(one).to.deep.equal(expected.map(lineOf));
  });

  it('prints events of some types and of a time alone, its beginning included, its end not', async () => {
    const [since, until] = [at(50).recordedAt, at(-2).recordedAt];
    const types = ['MovieImported', 'TitleRated', 'ReviewWritten'];
    const expected = log.filter(
      ({ type, recordedAt }) => types.includes(type) && recordedAt >= since && recordedAt < until,
    );
    expect(expected).to.have.lengthOf.above(1);
    const options = ['--since', since.toISOString(), '--until', until.toISOString()];
    expect(
      await printed('--type', 'MovieImported,TitleRated', '--type', 'ReviewWritten', ...options),
    ).to.deep.equal(expected.map(lineOf));
  });

  it('prints streams of one kind alone, after a position and no more than wanted, as a table', async () => {
    const after = log.at(-20)?.position ?? 0n;
    const options = ['--category', 'movie', '--after', `${after}`, '--limit', '3', '--table'];
    const { code, stdout } = await runCli(['events', ...options], settings());
    expect(code).to.equal(0);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head?.split(/ {2,}/)).to.deep.equal([
      ...['position', 'recorded', 'type', 'stream', 'revision'],
    ]);
    const expected = log.filter(
      ({ stream, position }) => stream.startsWith('movie-') && position > after,
    );
    expect(rows.map((row) => row.split(/ {2,}/))).to.deep.equal(
      expected
        .slice(0, 3)
        .map(({ position, recordedAt, type, stream, revision }) => [
          ...[String(position), recordedAt.toISOString(), type, stream, String(revision)],
        ]),
    );
  });

  it('ends well when its reader has read enough', async () => {
    const command = startCli(['events'], settings());
    await eventually('it prints', () => command.said().includes('\n'));
    command.closeOutput();
    expect(await command.ended).to.deep.include({ code: 0, signal: null, stderr: '' });
  });
});
