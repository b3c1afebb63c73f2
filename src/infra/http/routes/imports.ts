import { Type } from 'typebox';
import { Instant, SAYS, Uuid } from '../../../domain/schemas.js';
import { RADARR } from '../../metadata/radarr/radarrFile.js';
import {
  ImportUnderWay,
  NobodyImports,
  type RequestedImport,
} from '../../imports/libraryImports.js';
import { problem, RequestProblem } from '../problems.js';
import { plainRoute, type Route } from '../route.js';

const tag = 'Imports';
const requires = { role: 'admin', scope: 'admin' } as const;
const location = (id: string): string => `/imports/${id}`;
const SHOWN = 50;

const Count = Type.Integer({ minimum: 0 });
const Tally = Type.Object(
  { added: Count, alreadyThere: Count, refused: Count },
  { additionalProperties: false },
);

const ImportAnswer = Type.Object(
  {
    id: Type.String(),
    source: Type.String({ description: 'Whose library: `radarr`.' }),
    state: Type.Enum(['waiting', 'running', 'done', 'failed', 'lost'], {
      description: '`waiting`: to begin, or to be tried again. `lost`: its process died.',
    }),
    libraryId: Type.Optional(Uuid),
    requestedBy: Type.String(),
    requestedAt: Instant,
    startedAt: Type.Optional(Instant),
    endedAt: Type.Optional(Instant),
    progress: Type.Optional(
      Type.Object({ done: Count, total: Count }, { additionalProperties: false }),
    ),
    error: Type.Optional(
      Type.String({ description: 'Why it failed, or waits to be tried again.' }),
    ),
    summary: Type.Optional(
      Type.Object(
        {
          inLibrary: Count,
          films: Tally,
          files: Tally,
          detached: Tally,
          doubtful: Type.Integer({
            description: 'Files that stay attached although the library was told to be empty.',
          }),
          unreadableCount: Count,
          unreadable: Type.Array(
            Type.Object(
              { entry: Type.String(), why: Type.String() },
              { additionalProperties: false },
            ),
            { description: 'The first entries of the library that say too little.' },
          ),
          events: Count,
          refused: Type.Array(
            Type.Object(
              { code: Type.String(), count: Count, example: Type.String() },
              { additionalProperties: false },
            ),
          ),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

const importAnswer = ({ id, requestedAt, startedAt, endedAt, ...rest }: RequestedImport) => ({
  id: id.toString(),
  ...rest,
  requestedAt: requestedAt.toISOString(),
  ...(startedAt ? { startedAt: startedAt.toISOString() } : {}),
  ...(endedAt ? { endedAt: endedAt.toISOString() } : {}),
});

const ImportId = Type.String({
  pattern: '^[1-9][0-9]{0,17}$',
  [SAYS]: 'must be the id of an import, such as 12',
});

/** Libraries of media managers, taken into the catalogue. */
export const importRoutes: readonly Route[] = [
  plainRoute({
    method: 'post',
    path: '/imports/radarr',
    operationId: 'importRadarr',
    summary: "Bring the catalogue up to date with Radarr's library (owners and admins)",
    ...{ tag, requires, location },
    success: 202,
    body: Type.Object(
      { libraryId: Type.Optional(Uuid) },
      { additionalProperties: false, description: 'The library that new films belong to.' },
    ),
    answer: ImportAnswer,
    handle: async ({ body: { libraryId }, signedIn, services: { imports } }) => {
      if (!imports.sources.has(RADARR)) {
        const detail = 'No Radarr is configured: set RADARR_URL and RADARR_API_KEY.';
        throw new RequestProblem(problem(409, 'conflict', detail));
      }
      const requestedBy = signedIn.actor.userId;
      try {
        return importAnswer(
          await imports.requests.request({ source: RADARR, libraryId, requestedBy }),
        );
      } catch (error) {
        if (!(error instanceof ImportUnderWay) && !(error instanceof NobodyImports)) throw error;
        throw new RequestProblem(problem(409, 'conflict', error.message), { cause: error });
      }
    },
  }),
  plainRoute({
    method: 'get',
    path: '/imports',
    operationId: 'listImports',
    summary: `The last ${SHOWN} imports of libraries, the newest first (owners and admins)`,
    ...{ tag, requires },
    success: 200,
    answer: Type.Object({ imports: Type.Array(ImportAnswer) }, { additionalProperties: false }),
    handle: async ({ services: { imports } }) => ({
      imports: (await imports.requests.list(SHOWN)).map(importAnswer),
    }),
  }),
  plainRoute({
    method: 'get',
    path: '/imports/{importId}',
    operationId: 'getImport',
    summary: 'One import of a library (owners and admins)',
    ...{ tag, requires },
    success: 200,
    parameters: Type.Object({ importId: ImportId }),
    answer: ImportAnswer,
    handle: async ({ parameters: { importId }, services: { imports } }) => {
      const found = await imports.requests.find(BigInt(importId));
      if (found) return importAnswer(found);
      throw new RequestProblem(problem(404, 'not-found', 'There is no such import.'));
    },
  }),
];
