import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { run as lint } from 'dockerfilelint';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parseDocument } from 'yaml';
import { configFrom } from '../src/infra/config/config.js';
import { settings } from '../src/infra/config/settings.js';
import { startReellog } from './support/service/reellog.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const settingNames: readonly string[] = Object.values(settings).map(({ name }) => name);

/** `name:tag` of the hub that engines ask unless told otherwise, with a tag that says which version. */
const PINNED_IMAGE = /^[a-z0-9-]+(\/[a-z0-9-]+)?:(?!latest)[\w.-]*\d[\w.-]*$/;

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of a Dockerfile, continued lines joined, by stage. */
const stagesOf = (dockerfile: string): readonly (readonly Instruction[])[] => {
  const instructions = dockerfile
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({
      name: line.slice(0, line.indexOf(' ')),
      text: line.slice(line.indexOf(' ') + 1).trim(),
    }));
  const stages: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
};

describe('The Dockerfile', () => {
  const dockerfile = read('Dockerfile');
  const stages = stagesOf(dockerfile);
  const all = stages.flat();
  const image = stages.at(-1) ?? [];
  const of = (name: string, among = image): readonly string[] =>
    among.filter((one) => one.name === name).map(({ text }) => text);
  const [healthCheck = ''] = of('HEALTHCHECK');
  const health = Value.Parse(
    Type.Array(Type.String()),
    JSON.parse(healthCheck.slice(healthCheck.indexOf('['))),
  );
  const variables = new Map(
    of('ENV').map((pair): [string, string] => {
      const [name = '', value = ''] = pair.split('=');
      return [name, value];
    }),
  );

  /** Runs the health check as the engine would. @returns its exit code */
  const checkHealth = async (port: string): Promise<unknown> => {
    const [command = '', ...words] = health;
    const env = { PATH: process.env.PATH, PORT: port };
    const [code] = (await once(
      spawn(command, words, { env, stdio: 'ignore' }),
      'exit',
    )) as unknown[];
    return code;
  };

  it('has nothing that a linter finds wrong', () => {
    expect(lint(root, dockerfile)).to.deep.equal([]);
  });

  it('builds every stage on one slim image of a Node.js that Reellog runs on', () => {
    const images = new Set(of('FROM', all).map((text) => text.split(' ')[0] ?? ''));
    expect(images.size).to.equal(1);
    const [base = ''] = images;
    expect(base).to.match(PINNED_IMAGE);
    expect(base).to.match(/-slim$/);
    expect(Number(/^node:(\d+)/.exec(base)?.[1])).to.be.at.least(20);
  });

  it('copies only what is there, and what the build context is given', () => {
    const ignored = read('.dockerignore').split('\n');
    const sources = of('COPY', all)
      .filter((text) => !text.startsWith('--from'))
      .flatMap((text) => text.split(' ').slice(0, -1));
    expect(sources.filter((path) => !existsSync(join(root, path)))).to.deep.equal([]);
    expect(ignored).to.include('*');
    expect(
      ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1)),
    ).to.have.members([...new Set(sources)]);
  });

  it('brings everything that runs: the build, its dependencies, the migrations and the sample', () => {
    expect(of('COPY').map((text) => text.split(' ').at(-1))).to.have.members([
      './',
      './migrations',
      './samples',
      './node_modules',
      './dist',
    ]);
  });

  it('serves as an account that is not root, with the data in a volume', () => {
    expect(of('USER')).to.deep.equal(['node']);
    const position = (name: string) => image.findIndex((one) => one.name === name);
    expect(position('USER')).to.be.above(position('RUN'));
    expect(of('VOLUME')).to.deep.equal([variables.get('REELLOG_DATA_DIR')]);
  });

  it('sets only settings that there are, to values that they take', () => {
    const names = [...variables.keys()].filter((name) => name !== 'NODE_ENV');
    expect(names.filter((name) => !settingNames.includes(name))).to.deep.equal([]);
    const config = configFrom(Object.fromEntries(variables));
    expect(config.host).to.equal('0.0.0.0');
    expect(of('EXPOSE')).to.deep.equal([String(config.port)]);
  });

  it('starts the service with Node itself, which is so given the signals to stop', () => {
    const [command] = of('CMD');
    expect(JSON.parse(command ?? '')).to.deep.equal([
      'node',
      '--max-semi-space-size=64',
      'dist/infra/cli/main.js',
      'serve',
    ]);
    expect(existsSync(join(root, 'src/infra/cli/main.ts'))).to.equal(true);
  });

  it('has a health check that passes while the service runs, and fails when it does not', async () => {
    const running = await startReellog();
    const { port } = new URL(running.url);
    try {
      expect(await checkHealth(port)).to.equal(0);
    } finally {
      await running.close();
    }
    expect(await checkHealth(port)).to.equal(1);
  });
});

const Service = Type.Object({
  image: Type.Optional(Type.String()),
  build: Type.Optional(Type.String()),
  environment: Type.Record(Type.String(), Type.String()),
  depends_on: Type.Optional(Type.Record(Type.String(), Type.Object({ condition: Type.String() }))),
  ports: Type.Optional(Type.Array(Type.String())),
  volumes: Type.Optional(Type.Array(Type.String())),
  healthcheck: Type.Optional(Type.Object({ test: Type.Array(Type.String()) })),
});
/** With nothing set outside, `${NAME:-default}` is its default. */
const interpolated = (value: string): string => value.replace(/\$\{\w+:-([^}]*)\}/g, '$1');

const Compose = Type.Object({
  services: Type.Object({ reellog: Service, postgres: Service }),
  volumes: Type.Record(Type.String(), Type.Unknown()),
});

describe('compose.yaml', () => {
  const text = read('compose.yaml');
  const document = parseDocument(text);
  const { services, volumes } = Value.Parse(Compose, document.toJS());
  const { reellog, postgres } = services;

  it('is YAML without a mistake in it', () => {
    expect(document.errors).to.deep.equal([]);
    expect(document.warnings).to.deep.equal([]);
  });

  it('builds Reellog from the Dockerfile, and takes the server at a version of its own', () => {
    expect(reellog.build).to.equal('.');
    expect(postgres.image)
      .to.match(/^postgres:18/)
      .and.to.match(PINNED_IMAGE);
  });

  it('checks the health of the server, and starts Reellog when it is healthy', () => {
    // Reellog's own is in the Dockerfile.
    expect(postgres.healthcheck?.test).to.include('pg_isready');
    expect(reellog.depends_on).to.deep.equal({ postgres: { condition: 'service_healthy' } });
  });

  it('gives Reellog only settings that there are, to values that they take', () => {
    const names = Object.keys(reellog.environment);
    expect(names.filter((name) => !settingNames.includes(name))).to.deep.equal([]);
    const config = configFrom(
      Object.fromEntries(
        Object.entries(reellog.environment).map(([name, value]) => [name, interpolated(value)]),
      ),
    );
    expect(config).to.include({ host: '0.0.0.0', port: 8080, timezone: 'UTC' });
  });

  it('gives Reellog the name and the password that the database was made with', () => {
    const url = new URL(interpolated(reellog.environment.DATABASE_URL ?? ''));
    const made = Object.fromEntries(
      Object.entries(postgres.environment).map(([name, value]) => [name, interpolated(value)]),
    );
    expect(url.hostname).to.equal('postgres');
    expect({
      POSTGRES_USER: url.username,
      POSTGRES_PASSWORD: url.password,
      POSTGRES_DB: url.pathname.slice(1),
    }).to.deep.equal({
      POSTGRES_USER: made.POSTGRES_USER,
      POSTGRES_PASSWORD: made.POSTGRES_PASSWORD,
      POSTGRES_DB: made.POSTGRES_DB,
    });
  });

  it('keeps the log in PostgreSQL unless told otherwise', () => {
    expect(interpolated(reellog.environment.REELLOG_EVENTSTORE_URL ?? 'not set')).to.equal('');
  });

  it('keeps what the server stores in a volume that it names', () => {
    expect(postgres.volumes).to.deep.equal(['postgres:/var/lib/postgresql']);
    expect(Object.keys(volumes)).to.deep.equal(['postgres']);
  });

  it('opens ports to this machine alone, and the database to nobody', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).to.deep.equal([]);
    expect(postgres.ports).to.equal(undefined);
  });

  it('has a default for everything that it takes from the environment', () => {
    const taken = [...text.replace(/^\s*#.*$/gm, '').matchAll(/\$\{?\w+[^}\n]?/g)].map(
      ([one]) => one,
    );
    expect(taken).to.not.have.length(0);
    expect(taken.filter((one) => !/^\$\{\w+:$/.test(one))).to.deep.equal([]);
  });
});

describe('compose.eventstoredb.yaml', () => {
  const document = parseDocument(read('compose.eventstoredb.yaml'));
  const Over = Type.Object({
    services: Type.Object({ reellog: Type.Omit(Service, ['build']), eventstore: Service }),
    volumes: Type.Record(Type.String(), Type.Unknown()),
  });
  const { services, volumes } = Value.Parse(Over, document.toJS());
  const { reellog, eventstore } = services;

  it('can be read, and takes the server at a version that its options are of', () => {
    expect(document.errors).to.deep.equal([]);
    expect(eventstore.image)
      .to.match(/^eventstore\/eventstore:23\.10\./)
      .and.to.match(PINNED_IMAGE);
    // One that it does not know keeps it from starting.
    expect(eventstore.environment).to.deep.equal({
      EVENTSTORE_CLUSTER_SIZE: '1',
      EVENTSTORE_INSECURE: 'true',
      EVENTSTORE_RUN_PROJECTIONS: 'None',
      EVENTSTORE_TELEMETRY_OPTOUT: 'true',
    });
  });

  it('has Reellog keep its log there, when the server is healthy', () => {
    expect(configFrom(reellog.environment)).to.include({
      eventStoreUrl: 'esdb://eventstore:2113?tls=false',
    });
    expect(reellog.depends_on).to.deep.equal({ eventstore: { condition: 'service_healthy' } });
    expect(eventstore.healthcheck?.test).to.include('http://localhost:2113/health/live');
  });

  it('keeps what the server stores in a volume that it names, and opens it to this machine alone', () => {
    expect(eventstore.volumes).to.deep.equal(['eventstore:/var/lib/eventstore']);
    expect(Object.keys(volumes)).to.deep.equal(['eventstore']);
    expect(eventstore.ports?.map(interpolated)).to.deep.equal(['127.0.0.1:2113:2113']);
  });
});

describe('compose.scaled.yaml', () => {
  const document = parseDocument(read('compose.scaled.yaml'), { merge: true });
  const Part = Type.Object({ environment: Type.Record(Type.String(), Type.String()) });
  const { services } = Value.Parse(
    Type.Object({ services: Type.Record(Type.String(), Part) }),
    document.toJS(),
  );

  it('can be read, and runs each part of the service by itself', () => {
    expect(document.errors).to.deep.equal([]);
    const roles = Object.entries(services).map(([name, { environment }]) => [
      ...[name, environment.REELLOG_ROLE],
    ]);
    expect(roles).to.deep.equal([
      ['reellog', 'api'],
      ['api', 'api'],
      ['projector', 'projector'],
      ['jobs', 'jobs'],
    ]);
  });

  it('sets only settings that there are, to values that they take', () => {
    for (const { environment } of Object.values(services)) {
      const names = Object.keys(environment);
      expect(names.filter((name) => !settingNames.includes(name))).to.deep.equal([]);
      const variables = new Map(
        Object.entries(environment).map(([name, value]): [string, string] => [
          name,
          interpolated(value),
        ]),
      );
      variables.set('DATABASE_URL', 'postgresql://reellog:reellog@postgres:5432/reellog');
      expect(configFrom(Object.fromEntries(variables))).to.include({
        role: environment.REELLOG_ROLE,
      });
    }
  });
});
