import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import type { RecordedEvent } from '../../../../src/commands/ports/eventStore.js';
import { movieStream } from '../../../../src/domain/streams.js';
import { UsageError } from '../../../../src/infra/cli/exitCodes.js';
import { reellogProgram } from '../../../../src/infra/cli/program.js';
import { runCli, startCli } from '../../../support/service/cliProcess.js';
import {
  member,
  openCommandProcess,
  owner,
  type CommandProcess,
} from '../../../support/service/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { rejection } from '../../../support/deciders/rejection.js';

/** More than a pipe holds. */
const FILMS = 400;
/** As it was stored when the type had its first version. */
const OLD_FILM = {
  id: randomUUID(),
  type: 'MovieImported',
  data: { movieId: randomUUID(), title: 'Old', genres: 'Crime|Drama', runtime: 99 },
  metadata: { correlationId: randomUUID(), causationId: randomUUID(), schemaVersion: 1 },
};

describe('reellog events', () => {
  let fresh: FreshDatabase;
  let commands: CommandProcess;
  let log: readonly RecordedEvent[];
  let stored: readonly RecordedEvent[];
  let film: string;

  before(async () => {
    fresh = await freshDatabase();
    commands = await openCommandProcess(fresh.connectionString);
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
    await commands.run('RateMovie', { movieId: film, rating: 3 }, { actor: member });
    await commands.log.append(movieStream(OLD_FILM.data.movieId), [OLD_FILM], {
      expectedRevision: 'no-stream',
    });
    log = (await commands.eventStore.readAll({ after: 0n, maxCount: 10_000 })).events;
    stored = (await commands.log.readAll({ after: 0n, maxCount: 10_000 })).events;
  });
  after(async () => {
    await commands.close();
    await fresh.drop();
  });

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
    const options = ['--category', 'movie', '--after', `${after}`, '--limit', '3'];
    const { code, stdout } = await runCli(['events', ...options, '--format', 'table'], settings());
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

  it('prints what one act led to, and what is one person’s', async () => {
    const watch = log.find(({ type }) => type === 'MovieWatched');
    const act = watch?.metadata.correlationId ?? '';
    const ofAct = log.filter(({ metadata }) => metadata.correlationId === act);
    expect(ofAct.map(({ type }) => type))
      .to.include('MovieWatched')
      .and.have.lengthOf.above(1);
    const ofMember = log.filter(({ stream }) => stream.includes(member.userId));
    expect(ofMember.map(({ type }) => type)).to.deep.equal(['TitleRated']);
    const [act_, user] = await Promise.all([
      printed('--correlation', act),
      printed('--user', member.userId.toUpperCase()),
    ]);
    expect(act_).to.deep.equal(ofAct.map(lineOf));
    expect(user).to.deep.equal(ofMember.map(lineOf));
  });

  it('prints events as they are stored: old versions as they are, personal text encrypted', async () => {
    const [review] = stored.filter(({ type }) => type === 'ReviewWritten');
    expect(review?.data.review).to.have.property('sealed');
    const [raw, plain] = await Promise.all([
      printed('--raw', '--after', `${at(-1).position - 6n}`),
      printed('--after', `${at(-1).position - 1n}`),
    ]);
    expect(raw).to.deep.equal(stored.slice(-6).map(lineOf));
    expect(raw.at(-1)).to.deep.include({ data: OLD_FILM.data, metadata: OLD_FILM.metadata });
    expect(plain).to.deep.equal([lineOf(at(-1))]);
    expect(at(-1).data.genres).to.deep.equal(['Crime', 'Drama']);
  });

  it('goes on with what is appended, until it is stopped', async () => {
    const command = startCli(
      ['events', '--follow', '--type', 'MovieImported', '--after', `${at(-2).position}`],
      settings(),
    );
    await eventually('it prints what there is', () => command.said().includes('"Old"'));
    const { id } = await commands.run('ImportMovie', { title: 'Brand new' });
    await commands.run('RateMovie', { movieId: id, rating: 3 }, { actor: owner });
    await commands.run('ImportMovie', { title: 'Newer still' });
    await eventually('it prints what comes', () => command.said().includes('"Newer still"'));
    const { code, stdout, stderr } = await command.end('SIGINT');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as RecordedEvent).data.title)).to.deep.equal([
      ...['Old', 'Brand new', 'Newer still'],
    ]);
  });

  it('follows no longer than its reader does', async () => {
    const command = startCli(['events', '--follow', '--stream', movieStream(film)], settings());
    await eventually('it prints', () => command.said().includes('\n'));
    command.closeOutput();
    await commands.run('EditMovieDetails', { movieId: film, changes: { tagline: 'Once more' } });
    expect(await command.ended).to.deep.include({ code: 0, signal: null, stderr: '' });
  });

  it('ends well when its reader has read enough', async () => {
    const command = startCli(['events'], settings());
    await eventually('it prints', () => command.said().includes('\n'));
    command.closeOutput();
    expect(await command.ended).to.deep.include({ code: 0, signal: null, stderr: '' });
  });

  const impossible: readonly (readonly [readonly string[], string])[] = [
    [['--since', '2026-02-06', '--until', '2026-02-06'], '--since must be before --until.'],
    [['--after', '7', '--up-to', '7'], '--after must be before --up-to.'],
    [
      ['--follow', '--until', '2026-02-06'],
      'Give --follow, or an end with --until or --up-to, not both.',
    ],
  ];
  for (const [options, message] of impossible) {
    it(`refuses ${options.join(' ')}, which could only print nothing`, async () => {
      const program = reellogProgram().parseAsync(['events', ...options], { from: 'user' });
      expect(await rejection(program, UsageError)).to.have.property('message', message);
    });
  }
});
