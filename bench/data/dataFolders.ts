import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tally } from '../../src/infra/imports/commandTallies.js';
import {
  letReactionsCatchUp,
  runReellog,
  withService,
  type Environment,
} from '../measuring/commandLine.js';
import { runRebuild, type RebuildRun } from '../rebuild/rebuildRuns.js';
import { HEAVY_ID, makeLongLog, MIDDLE_ID, SMALL_ID } from './millionEvents.js';

/** A data folder that rows share: nobody serves from it when it is handed out. */
export interface DataFolder {
  readonly path: string;
  /** Of the owner. */
  readonly token: string;
}

/** The folder with the whole history of MovieLens, and its read models. */
export interface HistoryFolder extends DataFolder {
  /** How the import went that made it. */
  readonly imported: ImportSummary;
}

/** The folder with a million events, and two people in it whose histories differ in length alone. */
export interface MillionFolder extends DataFolder {
  /** How long the log is at least. */
  readonly events: number;
  /** Of a person with 100,000 watches. */
  readonly heavyToken: string;
  /** Of a person with 100. */
  readonly smallToken: string;
  /** Of a person with 10,000 events: 5,000 watches, and a rating of each film. */
  readonly middleToken: string;
  /** How the rebuild went that made its read models. */
  readonly rebuilt: RebuildRun;
}

/** Data folders that are costly to make: each is made once, when the first row asks for it. */
export interface DataFolders {
  /** The whole history of MovieLens, with its read models. */
  history(report: (progress: string) => void): Promise<HistoryFolder>;
  /** A million events, with the read models made by a rebuild. */
  million(report: (progress: string) => void): Promise<MillionFolder>;
  remove(): Promise<void>;
}

export interface ImportSummary {
  readonly events: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
  /** How many commands it gave. */
  readonly commands: number;
}

const MILLION = 1_000_000;
const LIMIT_MS = 10 * 60_000;

const MOVIELENS =
  process.env.REELLOG_BENCH_MOVIELENS ??
  fileURLToPath(new URL('../../../shared/data/datasets/ml-latest-small', import.meta.url));

/** TMDb's data on many of the films: original titles, and how many people know them. */
export const METADATA = join(MOVIELENS, '../tmdb5000/tmdb_5000_movies.csv.gz');

/** Imports the whole of MovieLens into a new data folder, as its user does. */
export const importMovieLensInto = async (
  path: string,
  {
    withMetadata = false,
    people,
    environment = {},
  }: {
    readonly withMetadata?: boolean;
    readonly people?: number;
    readonly environment?: Environment;
  } = {},
): Promise<ImportSummary> => {
  await access(MOVIELENS).catch((cause: unknown) => {
    throw new Error(
      `MovieLens (ml-latest-small) is not in ${MOVIELENS}: say where it is with REELLOG_BENCH_MOVIELENS.`,
      { cause },
    );
  });
  const metadata = withMetadata ? ['--metadata', METADATA] : [];
  const some = people === undefined ? [] : ['--people', String(people)];
  const args = ['import', 'movielens', MOVIELENS, '--json', ...metadata, ...some];
  const summary = await runReellog(args, { REELLOG_DATA_DIR: path, ...environment }, LIMIT_MS);
  const found = JSON.parse(summary) as Omit<ImportSummary, 'commands'> &
    Readonly<Record<'films' | 'people' | 'ratings', Tally>>;
  const tallies = [found.films, found.people, found.ratings];
  const commands = tallies.reduce(
    (sum, { added, alreadyThere, refused }) => sum + added + alreadyThere + refused,
    0,
  );
  return { ...found, commands };
};

/** A token of the owner, or of somebody else. */
export const tokenOf = async (
  path: string,
  {
    userId,
    environment = {},
  }: { readonly userId?: string; readonly environment?: Environment } = {},
): Promise<string> => {
  const args = ['token', 'create', 'bench', '--json', ...(userId ? ['--user', userId] : [])];
  const answer = await runReellog(args, { REELLOG_DATA_DIR: path, ...environment }, LIMIT_MS);
  return (JSON.parse(answer) as { readonly token: string }).token;
};

/** Begins a database in an empty folder, as a first start does. @returns a token of its owner */
export const beginDatabase = async (path: string): Promise<string> => {
  await withService(path, () => Promise.resolve());
  return tokenOf(path);
};

export const createDataFolders = (): DataFolders => {
  const made: string[] = [];
  const newFolder = async (): Promise<string> => {
    const path = await mkdtemp(join(tmpdir(), 'reellog-bench-'));
    made.push(path);
    return path;
  };
  let history: Promise<HistoryFolder> | undefined;
  let million: Promise<MillionFolder> | undefined;

  const makeHistory = async (report: (progress: string) => void): Promise<HistoryFolder> => {
    const path = await newFolder();
    report('importing MovieLens, for this row and others');
    const imported = await importMovieLensInto(path);
    await letReactionsCatchUp(path);
    return { path, token: await tokenOf(path), imported };
  };
  const makeMillion = async (report: (progress: string) => void): Promise<MillionFolder> => {
    const source = await (history ??= makeHistory(report));
    const path = await newFolder();
    await makeLongLog(MILLION, source.path, path, report);
    const rebuilt = await rebuild(path, report);
    await letReactionsCatchUp(path);
    return {
      ...{ path, rebuilt, events: MILLION },
      token: await tokenOf(path),
      heavyToken: await tokenOf(path, { userId: HEAVY_ID }),
      smallToken: await tokenOf(path, { userId: SMALL_ID }),
      middleToken: await tokenOf(path, { userId: MIDDLE_ID }),
    };
  };
  const rebuild = (path: string, report: (progress: string) => void): Promise<RebuildRun> => {
    report('making the read models of a million events');
    return runRebuild(path, 'all');
  };
  return {
    history: (report) => (history ??= makeHistory(report)),
    million: (report) => (million ??= makeMillion(report)),
    remove: async () => {
      for (const path of made) await rm(path, { recursive: true, force: true });
    },
  };
};
