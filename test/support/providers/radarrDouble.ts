import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sendJson, startFaultyServer, type FaultyServer } from './faultyServer.js';

const folder = fileURLToPath(new URL('../../../../shared/data/arr/', import.meta.url));
const webhookFolder = fileURLToPath(
  new URL('../../../../shared/data/webhooks/radarr-zulip/', import.meta.url),
);

/** Whether the recorded answers are there; they may not be passed on with the project. */
export const hasRecordedRadarr = (): boolean => existsSync(folder) && existsSync(webhookFolder);

const readJson = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) as Record<string, unknown>;

/** Films as a Radarr answered once. */
export const recordedFilms = () => ({
  letHimGo: readJson(join(folder, 'recorded-other/radarr-movie-let-him-go-v5.json')),
  frozen: readJson(join(folder, 'recorded-deleterr/radarr-movie-frozen2.json')),
});

/** The body of a webhook as a Radarr sent it once: `download-import`. */
export const recordedWebhook = (name: string): Record<string, unknown> =>
  readJson(join(webhookFolder, `${name}.json`));

/** A Radarr whose library is what a test says; requests are held against its OpenAPI document, where that is there. */
export interface RadarrDouble extends FaultyServer {
  readonly key: string;
  /** What it has; with a byte order mark before it where `marked` says so. */
  library: readonly unknown[];
  /** What it finds beside its library, where films are looked up. */
  found: readonly unknown[];
  marked: boolean;
  /** What was wrong with requests: paths and parameters that Radarr does not know. */
  readonly wrong: readonly string[];
}

const KEY = 'radarr-key-0123456789abcdef';

export const startRadarrDouble = async (): Promise<RadarrDouble> => {
  const known = knownPaths();
  const wrong: string[] = [];
  const state = {
    library: [] as readonly unknown[],
    found: [] as readonly unknown[],
    marked: false,
  };
  const server = await startFaultyServer((url, request, response) => {
    if (request.headers['x-api-key'] !== KEY) {
      sendJson(response, 401, { error: 'Unauthorized' });
      return;
    }
    wrong.push(...wrongIn(known, url));
    const all = [...state.library, ...state.found] as readonly Record<string, unknown>[];
    const parameter = (name: string): string => url.searchParams.get(name) ?? '';
    switch (url.pathname) {
      case '/api/v3/movie': {
        const tmdbId = url.searchParams.get('tmdbId');
        const movies =
          tmdbId === null
            ? state.library
            : (state.library as readonly { tmdbId?: number }[]).filter(
                (movie) => String(movie.tmdbId) === tmdbId,
              );
        if (state.marked) {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end(`\uFEFF${JSON.stringify(movies)}`);
        } else sendJson(response, 200, movies);
        return;
      }
      case '/api/v3/movie/lookup': {
        const term = parameter('term').toLowerCase();
        const isFound = ({ title }: Record<string, unknown>) =>
          typeof title === 'string' && title.toLowerCase().includes(term);
        sendJson(response, 200, all.filter(isFound));
        return;
      }
      case '/api/v3/movie/lookup/imdb': {
        const movie = all.find(({ imdbId }) => imdbId === parameter('imdbId'));
        if (movie) sendJson(response, 200, movie);
        else sendJson(response, 404, { message: 'NotFound' });
        return;
      }
      default:
        sendJson(response, 404, { message: 'NotFound' });
    }
  });
  return Object.assign(state, server, { key: KEY, wrong });
};

/** The paths that can be read, each with its parameters. */
const knownPaths = (): ReadonlyMap<string, ReadonlySet<string>> | undefined => {
  if (!hasRecordedRadarr()) return undefined;
  const { paths } = readJson(join(folder, 'radarr-v3-openapi.json')) as {
    paths: Record<string, { get?: { parameters?: { name: string }[] } }>;
  };
  return new Map(
    Object.entries(paths).flatMap(([path, { get }]) =>
      get ? [[path, new Set((get.parameters ?? []).map(({ name }) => name))] as const] : [],
    ),
  );
};

const wrongIn = (
  known: ReadonlyMap<string, ReadonlySet<string>> | undefined,
  { pathname, searchParams }: URL,
): readonly string[] => {
  if (!known) return [];
  const parameters = known.get(pathname);
  if (!parameters) return [`there is no ${pathname}`];
  return [...searchParams.keys()]
    .filter((name) => !parameters.has(name))
    .map((name) => `${pathname} has no parameter ${name}`);
};
