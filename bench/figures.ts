/** What a figure must be at least, or at most. */
export interface Bound {
  readonly least?: number;
  readonly most?: number;
}

/** What a figure may be held against. */
export type Rival = 'emmett' | 'limit' | 'express' | 'crud' | 'small' | 'postgres';

/** One row of the table. */
export interface Figure {
  readonly about: string;
  readonly unit: string;
  /** What the value itself must reach. */
  readonly value?: Bound;
  /** What it is held against, and what the ratio to it must reach. */
  readonly against?: Readonly<Partial<Record<Rival, Bound & { readonly what: string }>>>;
  /** What bounds it, said where it falls short. */
  readonly boundBy: string;
}

/** Everything that Reellog holds itself to. `docs/performance.md` has a row for each. */
export const figures = {
  'append.one.c32': {
    about: '1 event to a new stream, 32 at once',
    unit: 'appends/s',
    against: {
      emmett: { least: 5, what: "Emmett's PostgreSQL store" },
      limit: { least: 1.5, what: 'plain one-row commits' },
    },
    boundBy: 'the CPU: this process, PostgreSQL and the WAL share it; a commit holds all that wait',
  },
  'append.one.c1': {
    about: '1 event to a new stream, 1 at a time',
    unit: 'appends/s',
    against: { limit: { least: 0.75, what: 'plain one-row commits' } },
    boundBy: 'the head row, which is updated in every commit so that positions have no gaps',
  },
  'append.batch500': {
    about: '500 events to a new stream, 1 append at a time',
    unit: 'events/s',
    against: { limit: { least: 0.7, what: 'plain 500-row inserts' } },
    boundBy: 'PostgreSQL: reading the JSON apart, and looking each id up, costs beside the insert',
  },
  'command.rate': {
    about: 'PUT of a rating, whole, over HTTP, with all read models following, 32 at once',
    unit: 'commands/s',
    value: { least: 2_800 },
    against: { crud: { least: 1.3, what: 'an Express route that upserts them into a table' } },
    boundBy:
      'the CPU: HTTP, commands and read models share one thread, PostgreSQL has the other core',
  },
  'read.all': {
    about: 'the whole log, in pages',
    unit: 'events/s',
    against: { limit: { least: 0.6, what: 'a paged SELECT with JSON parse' } },
    boundBy: 'one thread: it parses the JSON, and makes an event of every row',
  },
  'rebuild.all': {
    about: 'all read models together, from the history of MovieLens',
    unit: 'events/s',
    value: { least: 40_000 },
    against: { emmett: { least: 40, what: "Emmett's rebuild of a log of its own" } },
    boundBy: 'the CPU: reading, folding and writing the rows of all read models on two cores',
  },
  'rebuild.history': {
    about: 'the history alone, from the history of MovieLens',
    unit: 'events/s',
    value: { least: 100_000 },
    boundBy: 'the CPU: reading the log, folding, and COPY with the indexes made at the end',
  },
  'rebuild.million': {
    about: 'all read models together, from 1,000,000 events',
    unit: 'events/s',
    against: { small: { least: 0.9, what: 'from the history of MovieLens' } },
    boundBy: 'the CPU, and indexes that no longer fit in the memory they are made in',
  },
  'rebuild.cpu': {
    about: 'CPU that rebuild.all takes an event, of Node and PostgreSQL',
    unit: 'µs',
    value: { most: 42 },
    boundBy: 'reading and parsing, folding, and writing rows with their indexes',
  },
  'rebuild.rss': {
    about: 'memory of a rebuild of all read models from 1,000,000 events',
    unit: 'MB',
    value: { most: 300 },
    boundBy: 'what a fold keeps in memory until it writes, and garbage not yet collected',
  },
  'visible.p50': {
    about: 'command accepted → visible to a query, 50 commands/s, median',
    unit: 'ms',
    value: { most: 15 },
    boundBy: 'the way through the log, the read models and their commits',
  },
  'visible.p99': {
    about: 'command accepted → visible to a query, 50 commands/s, 99th percentile',
    unit: 'ms',
    value: { most: 60 },
    boundBy: 'read models commit one after the other, and garbage is collected meanwhile',
  },
  'http.cached': {
    about: 'GET of a film that is in the cache, 16 connections',
    unit: 'requests/s',
    against: { express: { least: 0.85, what: 'Express 5 sending the same bytes' } },
    boundBy: 'one thread: sign-in, limits and headers, which Express alone does not have',
  },
  'http.during-rebuild': {
    about: '99th percentile of cached and uncached GETs during a rebuild of all ÷ idle',
    unit: '× idle',
    value: { most: 2 },
    boundBy: 'the CPU: two cores for the service, the rebuild, PostgreSQL and whoever asks',
  },
  'stats.scale': {
    about: "a person's stats, not cached, with 100,000 watches",
    unit: 'ms',
    against: { small: { most: 1.2, what: 'a person with 100 watches' } },
    boundBy: 'the length of the answer, which has a day for each day of two years at most',
  },
  'asof.stats': {
    about: 'stats as of a moment, not cached, of a person with 10,000 events among 1,000,000',
    unit: 'ms',
    value: { most: 50 },
    boundBy: 'one thread: it parses 10,000 events, and folds them, for the one answer',
  },
  'search.quality': {
    about: '200 searches over all titles of MovieLens: the film that is looked for comes first',
    unit: '%',
    value: { least: 95 },
    boundBy: 'the queries: what is left is ambiguous, or has more typos than a title bears',
  },
  'search.p95': {
    about: 'those searches, not cached, one at a time over HTTP, 95th percentile',
    unit: 'ms',
    value: { most: 30 },
    boundBy: 'how many titles share pieces with what is looked for: each is compared by the code',
  },
  'search.typo': {
    about: '200 of 50,000 titles with a typo each, searched over HTTP, not cached; p95',
    unit: 'ms',
    value: { most: 30 },
    boundBy: 'how many titles share pieces with what is looked for: each is compared by the code',
  },
  'search.complete': {
    about: 'those titles while they are typed, letter by letter, not cached; p95',
    unit: 'ms',
    value: { most: 20 },
    boundBy: 'how many titles have a word with the one letter that has been typed',
  },
  'images.pipeline': {
    about: 'JPEGs of 500×750 sent, kept and asked for in three widths, over HTTP, 4 at once',
    unit: 'pictures/s',
    value: { least: 15 },
    boundBy: 'the CPU: decoding and encoding, on every core but one',
  },
  'films.list': {
    about: '50 of 50,000 films by two filters and a sort, not cached, to the 1,000th page, p95',
    unit: 'ms',
    value: { most: 20 },
    boundBy: 'how many films are passed over that a filter leaves out, and 50 films to be sent',
  },
  'start.warm': {
    about: '`npm start` to ready, on 1,000,000 events',
    unit: 's',
    value: { most: 2 },
    boundBy: 'the start of npm, of Node with its modules, and of PostgreSQL, one after the other',
  },
  'import.movielens': {
    about: 'all of MovieLens through the commands, to the last read model',
    unit: 'events/s',
    value: { least: 12_000 },
    boundBy: 'the CPU: commands on one core, read models on the other, PostgreSQL on both',
  },
  'catalogue.credits': {
    about: '1,450 films with 251,204 credits over HTTP, into the log and to the last read model',
    unit: 'films/s',
    value: { least: 150 },
    boundBy: 'the rows of credits: 173 a film, with an index by person',
  },
  'catalogue.import': {
    about: '4,803 films without credits, likewise',
    unit: 'films/s',
    value: { least: 500 },
    boundBy: 'the thread that decides and answers',
  },
  'film.page': {
    about: 'a film with credits and ages, not in the cache, its people in PostgreSQL; p95',
    unit: 'ms',
    value: { most: 25 },
    boundBy: 'the rows of credits, and their JSON',
  },
  'esdb.append': {
    about: '1 event to a new stream in EventStoreDB, 32 at once',
    unit: 'appends/s',
    against: { limit: { least: 0.8, what: 'the bare client' } },
    boundBy: 'the client, which makes a gRPC message of every append',
  },
  'esdb.import': {
    about: 'import.movielens with the log in EventStoreDB',
    unit: 'events/s',
    against: { postgres: { least: 0.6, what: 'the same with the log in PostgreSQL' } },
    boundBy: 'the CPU: the server and the client, beside all that the log in PostgreSQL takes',
  },
  'esdb.command': {
    about: 'command.rate with the log in EventStoreDB',
    unit: 'commands/s',
    against: { postgres: { least: 0.6, what: 'the same with the log in PostgreSQL' } },
    boundBy: 'the CPU: the server and the client, beside all that the log in PostgreSQL takes',
  },
  'esdb.copy': {
    about: '`log copy` of the history of MovieLens into EventStoreDB',
    unit: 'events/s',
    against: { limit: { least: 0.7, what: 'the bare client, 1,024 appends in flight' } },
    boundBy:
      'the server, and the client: both logs are read once more to see that they are the same',
  },
  'esdb.mirror': {
    about: 'the first mirroring of 100,000 events in EventStoreDB',
    unit: 'events/s',
    against: { limit: { least: 0.75, what: 'a bare subscription' } },
    boundBy: 'the client, which takes the gRPC messages apart, and PostgreSQL on the other core',
  },
  'esdb.visible.p50': {
    about: 'visible.p50 with the log in EventStoreDB: more than with it in PostgreSQL',
    unit: 'ms more',
    value: { most: 6 },
    boundBy: 'the way from the server to its mirror',
  },
  'esdb.rebuild': {
    about: 'rebuild.all with the log in EventStoreDB',
    unit: 'events/s',
    against: { postgres: { least: 0.95, what: 'the same with the log in PostgreSQL' } },
    boundBy: 'the same as with the log in PostgreSQL: its mirror is read',
  },
  'esdb.verify': {
    about: '`verify --all` with the log in EventStoreDB',
    unit: '/min',
    against: { postgres: { least: 0.95, what: 'the same with the log in PostgreSQL' } },
    boundBy: 'the same as with the log in PostgreSQL: its mirror is read',
  },
  'esdb.replay': {
    about: '`replay stats --user` with the log in EventStoreDB',
    unit: '/min',
    against: { postgres: { least: 0.95, what: 'the same with the log in PostgreSQL' } },
    boundBy: 'the start of the command: what it reads takes less',
  },
  'esdb.events': {
    about: '`events --type MovieImported` with the log in EventStoreDB',
    unit: '/min',
    against: { postgres: { least: 0.95, what: 'the same with the log in PostgreSQL' } },
    boundBy: 'the start of the command: what it reads takes less',
  },
  'esdb.start': {
    about: 'start beside 1,000,000 events of others, after the first: more than beside none',
    unit: 's more',
    value: { most: 1 },
    boundBy: 'nothing: a mirror goes on where it was',
  },
  'esdb.appends': {
    about: 'appends to EventStoreDB (a double) a command, over an import',
    unit: 'appends',
    value: { most: 1.02 },
    boundBy: 'lost races',
  },
  'esdb.reads': {
    about: 'reads from EventStoreDB (a double) a command, over an import',
    unit: 'reads',
    value: { most: 0.05 },
    boundBy: 'commands that append nothing, and lost races',
  },
  'esdb.subscribe': {
    about: 'subscription to 100,000 events in EventStoreDB',
    unit: 'events/s',
    value: { least: 20_000 },
    against: { limit: { least: 0.8, what: 'the bare client' } },
    boundBy: 'the client, which takes the gRPC messages apart',
  },
  'esdb.rss': {
    about: 'more memory in the second half of 1,000,000 events in EventStoreDB, read slowly',
    unit: 'MB',
    value: { most: 64 },
    boundBy: 'garbage not yet collected',
  },
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof figures;

export const isFigureName = (name: string): name is FigureName => Object.hasOwn(figures, name);
