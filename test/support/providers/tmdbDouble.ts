import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { isRecord } from '../../../src/domain/record.js';
import { sendJson, startFaultyServer, type FaultyServer } from './faultyServer.js';

const folder = fileURLToPath(new URL('../../../../shared/data/tmdb/', import.meta.url));

/** Whether the recorded answers are there; they may not be passed on with the project. */
export const hasRecordedTmdb = (): boolean => existsSync(folder);

interface Recorded {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly status: number;
  readonly body: unknown;
}

/** TMDb as it answered once; requests are held against its own OpenAPI document. */
export interface TmdbDouble extends FaultyServer {
  /** What was wrong with requests: paths and parameters that TMDb does not know. */
  readonly wrong: readonly string[];
}

export const startTmdbDouble = async (): Promise<TmdbDouble> => {
  const recorded = recordedAnswers();
  const known = knownPaths();
  const wrong: string[] = [];
  const server = await startFaultyServer((url, request, response) => {
    const params = Object.fromEntries(url.searchParams);
    const { api_key: key, language, append_to_response: parts, ...rest } = params;
    const token = request.headers.authorization;
    if (key !== 'a-key' && token !== 'Bearer a.good.token') {
      sendJson(response, 401, { status_code: 7, status_message: 'Invalid API key.' });
      return;
    }
    wrong.push(...wrongIn(known, url, Object.keys(params)));
    const found = answerOf(recorded, url.pathname, rest, language);
    if (!found) {
      sendJson(response, 404, { status_code: 34, status_message: 'Not found.' });
      return;
    }
    const appended = (parts ?? '').split(',').flatMap((part) => {
      const answer = part === '' ? undefined : answerOf(recorded, `${url.pathname}/${part}`, {});
      return answer ? [[part, answer.body]] : [];
    });
    const whole = isRecord(found.body) ? Object.entries(found.body) : [];
    sendJson(response, found.status, Object.fromEntries([...whole, ...appended]));
  });
  return { ...server, wrong };
};

/** The recorded answer to a request; one without a language stands for every language. */
const answerOf = (
  recorded: readonly Recorded[],
  path: string,
  params: Readonly<Record<string, string | undefined>>,
  language?: string,
): Recorded | undefined => {
  const wanted = Object.entries(params).filter(
    ([name, value]) => value !== undefined && !(name === 'page' && value === '1'),
  );
  const fits = (one: Recorded, strict: boolean): boolean => {
    const { language: its, page, ...others } = one.params;
    const rest = Object.entries({
      ...others,
      ...(page === undefined || page === '1' ? {} : { page }),
    });
    return (
      one.path === path &&
      (strict ? its === language : its === undefined) &&
      rest.length === wanted.length &&
      wanted.every(([name, value]) => one.params[name]?.toLowerCase() === value?.toLowerCase())
    );
  };
  return recorded.find((one) => fits(one, true)) ?? recorded.find((one) => fits(one, false));
};

const recordedAnswers = (): readonly Recorded[] => {
  const answers = join(folder, 'recorded-tmdblib');
  return readdirSync(answers)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(answers, name), 'utf8')) as Recorded);
};

interface KnownPath {
  readonly pattern: RegExp;
  readonly parameters: ReadonlySet<string>;
}

const knownPaths = (): readonly KnownPath[] => {
  const packed = readFileSync(join(folder, 'openapi/tmdb-v3-openapi.json.gz'));
  const { paths } = JSON.parse(gunzipSync(packed).toString()) as {
    paths: Record<string, { get?: { parameters?: { name: string }[] } }>;
  };
  return Object.entries(paths).flatMap(([path, { get }]) =>
    get === undefined
      ? []
      : {
          pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
          parameters: new Set((get.parameters ?? []).map(({ name }) => name)),
        },
  );
};

const wrongIn = (
  known: readonly KnownPath[],
  { pathname }: URL,
  params: readonly string[],
): readonly string[] => {
  // The key is described apart from the parameters.
  const given = params.filter((name) => name !== 'api_key');
  const path = known.find(({ pattern }) => pattern.test(pathname));
  if (!path) return [`there is no ${pathname}`];
  return given
    .filter((name) => !path.parameters.has(name))
    .map((name) => `${pathname} has no parameter ${name}`);
};
