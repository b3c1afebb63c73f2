import { expect } from 'chai';
import fc from 'fast-check';
import { configFrom, unknownVariables } from '../../../src/infra/config/config.js';
import { poisonPolicies } from '../../../src/infra/config/poisonPolicies.js';
import { InvalidSetting, settings } from '../../../src/infra/config/settings.js';

const ENCODED = 'percent-encoded: %2F %3F %23 %40 %25.';
const MISSHAPEN =
  'DATABASE_URL must have the form postgresql://user:password@host/database. ' +
  `In the password, write / ? # @ and % ${ENCODED}`;

/** What a bad environment is told. */
const refusal = (environment: Readonly<Record<string, string>>): string => {
  try {
    configFrom(environment);
  } catch (error) {
    if (error instanceof InvalidSetting) return error.message;
    throw error;
  }
  throw new Error(`${JSON.stringify(environment)} was accepted`);
};

describe('The configuration', () => {
  it('is complete with nothing set, also when variables are there but empty', () => {
    const fallbacks = Object.fromEntries(
      Object.entries(settings).map(([name, { fallback }]) => [name, fallback]),
    );
    const empty = Object.fromEntries(Object.values(settings).map(({ name }) => [name, '']));
    expect(configFrom({})).to.deep.equal(fallbacks);
    expect(configFrom(empty)).to.deep.equal(fallbacks);
  });

  it('is read from variables of which each has a name of its own', () => {
    const names = Object.values(settings).map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    const set = {
      REELLOG_DATA_DIR: '/srv/reellog',
      DATABASE_URL: 'postgres://someone@db/films',
      HOST: '0.0.0.0',
      PORT: '0',
      REELLOG_CORS_ORIGINS: ' https://a.example, ,https://b.example,',
      REELLOG_WRITE_LIMIT: '0',
      REELLOG_LOG_LEVEL: 'debug',
      REELLOG_TIMEZONE: 'Asia/Kathmandu',
    };
    expect(configFrom(set)).to.deep.include({
      dataDir: '/srv/reellog',
      databaseUrl: 'postgres://someone@db/films',
      host: '0.0.0.0',
      port: 0,
      corsOrigins: ['https://a.example', 'https://b.example'],
      writeLimit: 0,
      logLevel: 'debug',
      timezone: 'Asia/Kathmandu',
    });
  });

  it('takes a port that is one, and names the variable of one that is not', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10, max: 70_000 }), (port) => {
        if (port >= 0 && port <= 65_535)
          expect(configFrom({ PORT: `${port}` }).port).to.equal(port);
        else {
          expect(refusal({ PORT: `${port}` })).to.equal(
            `PORT must be a whole number from 0 to 65535, not "${port}".`,
          );
        }
      }),
    );
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ['PORT', '80x', 'PORT must be a whole number from 0 to 65535, not "80x".'],
    ['PORT', '8e3', 'PORT must be a whole number from 0 to 65535, not "8e3".'],
    ['PORT', ' 80', 'PORT must be a whole number from 0 to 65535, not " 80".'],
    [
      'REELLOG_CONNECTIONS',
      '3',
      'REELLOG_CONNECTIONS must be a whole number from 4 to 500, not "3".',
    ],
    [
      'REELLOG_LOG_LEVEL',
      'loud',
      'REELLOG_LOG_LEVEL must be one of silent, fatal, error, warn, info, debug, trace, not "loud".',
    ],
    [
      'REELLOG_TIMEZONE',
      'Mars/Olympus',
      'REELLOG_TIMEZONE must be an IANA time zone such as Europe/Berlin, not "Mars/Olympus".',
    ],
    ['DATABASE_URL', 'mysql://db/films', MISSHAPEN],
    ['DATABASE_URL', 'postgresql://me:secret@[db/films', MISSHAPEN],
    [
      'REELLOG_EVENTSTORE_URL',
      'http://admin:secret@localhost:2113',
      'REELLOG_EVENTSTORE_URL must have the form esdb://user:password@host:2113?option=value, with several hosts by ' +
        'comma, or esdb+discover://name-of-the-cluster. In the password and in options, write / ? # @ and % ' +
        ENCODED,
    ],
    [
      'REELLOG_EVENTSTORE_URL',
      'esdb://admin:secret@localhost:2113?tls=maybe',
      'REELLOG_EVENTSTORE_URL has a value that is not possible for tls.',
    ],
    [
      'REELLOG_EVENTSTORE_URL',
      'esdb://admin:secret@localhost:2113?tls=true&keepAlive=5',
      'REELLOG_EVENTSTORE_URL has an option that there is not: keepAlive.',
    ],
    [
      'REELLOG_EVENTSTORE_URL',
      'esdb://localhost:2113?tlsVerifyCert=false',
      'REELLOG_EVENTSTORE_URL has tlsVerifyCert=false, but certificates are always verified. Name the certificate ' +
        "of the servers' authority instead: tlsCAFile=/path/to/ca.crt.",
    ],
    [
      'REELLOG_EVENTSTORE_STREAM_PREFIX',
      '$reellog',
      'REELLOG_EVENTSTORE_STREAM_PREFIX must be letters, digits and _ with a dot at the end, not "$reellog".',
    ],
    ...[
      ...['host/reellog', 'ftp://host', 'https://me:secret@host', 'https://host/?a=b', '/reellog'],
      ...['https://host/a"b', "https://host/a'b", 'https://host//a', 'https://host/#docs'],
    ].map((url): [string, string, string] => [
      ...(['REELLOG_BASE_URL', url] as const),
      'REELLOG_BASE_URL must be an http or https address without user, query or fragment: https://host/reellog.',
    ]),
    ...[
      'ftp://host',
      'api.example.org/3',
      'https://me:secret@host/3',
      'https://host/?api_key=secret',
    ].map((url): [string, string, string] => [
      ...(['TMDB_BASE_URL', url] as const),
      'TMDB_BASE_URL must be an http or https address without user or query.',
    ]),
    [
      'RADARR_URL',
      'http://nas:7878',
      'RADARR_URL and RADARR_API_KEY belong together: set both, or neither.',
    ],
    [
      'RADARR_API_KEY',
      'a-key',
      'RADARR_URL and RADARR_API_KEY belong together: set both, or neither.',
    ],
    ['RADARR_WEBHOOK_SECRET', 'hunter2', 'RADARR_WEBHOOK_SECRET must have 16 characters at least.'],
    [
      ...(['RADARR_WEBHOOK_SECRET', 'open sesame, open sesame'] as const),
      'RADARR_WEBHOOK_SECRET must be of visible ASCII characters without spaces.',
    ],
    ...['english', 'EN', 'de_DE', 'de-de'].map((language): [string, string, string] => [
      ...(['REELLOG_METADATA_LANGUAGE', language] as const),
      `REELLOG_METADATA_LANGUAGE must be a language, with a country or without: en-US or de, not "${language}".`,
    ]),
  ];

  it('takes what each read model does about events that cannot be projected', () => {
    const names = ['stats', 'history', 'catalogue'];
    const policies = (text: string) =>
      names.map(poisonPolicies(configFrom({ REELLOG_ON_POISON: text }).onPoison));
    expect(policies('')).to.deep.equal(['park', 'park', 'park']);
    expect(policies('stop')).to.deep.equal(['stop', 'stop', 'stop']);
    expect(policies('stats=stop,history=park')).to.deep.equal(['stop', 'park', 'park']);
    expect(policies('stop, history=park')).to.deep.equal(['stop', 'park', 'stop']);
    for (const part of [
      'pork',
      'stats=skip',
      'statistics=stop',
      'stats=',
      '=stop',
      'stats=stop=park',
    ]) {
      expect(refusal({ REELLOG_ON_POISON: `park,${part}` })).to.include(`"${part}" does neither`);
    }
  });

  for (const [name, value, message] of refused) {
    it(`says what is wrong with ${name}=${value}`, () => {
      expect(refusal({ [name]: value })).to.equal(message);
    });
  }

  for (const url of [
    'esdb://localhost:2113?tls=false',
    'esdb://admin:p%40ss@one:2113,two:2113,three:2113?tls=true&tlsCAFile=%2Fetc%2Fca.crt',
    'esdb+discover://admin:changeit@cluster.internal?nodePreference=leader&keepAliveInterval=-1',
    'esdb://h?DefaultDeadline=5000&maxDiscoverAttempts=3&discoveryInterval=100&gossipTimeout=5',
  ]) {
    it(`takes ${url} for an EventStoreDB`, () => {
      expect(configFrom({ REELLOG_EVENTSTORE_URL: url }).eventStoreUrl).to.equal(url);
    });
  }

  for (const scheme of ['kurrentdb', 'kurrent', 'kdb', 'KURRENTDB']) {
    it(`takes ${scheme}:// for esdb://`, () => {
      const taken = (url: string) => configFrom({ REELLOG_EVENTSTORE_URL: url }).eventStoreUrl;
      expect(taken(`${scheme}://me:secret@one,two?tls=false`)).to.equal(
        'esdb://me:secret@one,two?tls=false',
      );
      expect(taken(`${scheme}+discover://cluster`)).to.equal('esdb+discover://cluster');
    });
  }

  it('reads the names that the settings of EventStoreDB had before, unless the two differ', () => {
    const url = 'esdb://me:hush@one:2113';
    const before = { EVENTSTORE_URL: url, EVENTSTORE_STREAM_PREFIX: 'films.' };
    const now = { eventStoreUrl: url, eventStorePrefix: 'films.' };
    expect(configFrom(before)).to.include(now);
    expect(configFrom({ ...before, REELLOG_EVENTSTORE_URL: url })).to.include(now);
    expect(configFrom({ ...before, REELLOG_EVENTSTORE_URL: '' })).to.include(now);
    expect(configFrom({ EVENTSTORE_URL: '', REELLOG_EVENTSTORE_URL: url }).eventStoreUrl).to.equal(
      url,
    );
    expect(refusal({ ...before, REELLOG_EVENTSTORE_URL: 'esdb://me:hush@two:2113' })).to.equal(
      'REELLOG_EVENTSTORE_URL and EVENTSTORE_URL, its former name, have different values: ' +
        'unset EVENTSTORE_URL.',
    );
  });

  const files = 'postgresql://me@db/films?sslmode=verify-full&sslrootcert=/nowhere/secret.pem';
  it('says what is wrong with TLS, and quotes nothing', () => {
    expect(refusal({ DATABASE_URL: files })).to.equal(
      'DATABASE_URL names a file in sslrootcert that cannot be read.',
    );
    expect(refusal({ DATABASE_URL: 'postgresql://me@db/films?sslmode=secret' })).to.equal(
      'DATABASE_URL has an sslmode that there is not. There are: disable, allow, prefer, no-verify, require, ' +
        'verify-ca, verify-full.',
    );
  });

  // Characters that divide addresses, raw, in a password that is to be found in no message.
  const characters = [
    ...['/', '?', '#', '@', '%', '&', '=', ':', '+', ' ', '\\', '[', ']', '"', "'", '<', '>', '^'],
    ...['`', '{', '|', '}', '%zz', '%ff', 'é'],
  ];
  for (const character of characters) {
    it(`quotes no part of a password with ${JSON.stringify(character)} in it`, () => {
      const password = `hush1${character}hush2`;
      for (const before of ['', '12', 'x']) {
        for (const [name, url] of [
          ['DATABASE_URL', `postgresql://me:${before}${password}@db/films`],
          ['DATABASE_URL', `postgresql://me@db/films?password=${password}`],
          ['REELLOG_EVENTSTORE_URL', `esdb://me:${before}${password}@db:2113?tls=false`],
        ] as const) {
          try {
            configFrom({ [name]: url });
          } catch (error) {
            expect(String(error)).to.not.include('hush');
          }
        }
      }
    });
  }

  it('finds the variables that were meant for it and mean nothing to it', () => {
    const known = Object.fromEntries(Object.values(settings).map(({ name }) => [name, 'x']));
    expect(unknownVariables({ ...known, PATH: '/bin', REELLOG_TEST_LOG: 'debug' })).to.deep.equal(
      [],
    );
    expect(unknownVariables({ ...known, REELLOG_PORT: '1', REELLOG_DATADIR: '' })).to.deep.equal([
      'REELLOG_PORT',
      'REELLOG_DATADIR',
    ]);
  });
});
