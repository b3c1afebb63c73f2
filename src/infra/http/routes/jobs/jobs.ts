import { Type } from 'typebox';
import { Instant, SAYS } from '../../../../domain/schemas.js';
import type { JobRun } from '../../../jobs/journal.js';
import { UnknownJob } from '../../../jobs/jobs.js';
import { problem, RequestProblem } from '../../problems.js';
import { plainRoute, type Route } from '../../route.js';

const strict = { additionalProperties: false } as const;

const run = Type.Object(
  {
    id: Type.String(),
    job: Type.String(),
    startedAt: Instant,
    endedAt: Type.Optional(Instant),
    outcome: Type.Optional(
      Type.Enum(['done', 'failed', 'timed-out', 'stopped', 'lost'], {
        description: 'Absent while it runs; `lost`: its process died.',
      }),
    ),
    detail: Type.Optional(Type.String({ description: 'What it did, or why it failed.' })),
    process: Type.String({ description: 'Host and process id.' }),
  },
  strict,
);

const job = Type.Object(
  {
    name: Type.String(),
    meaning: Type.String(),
    schedule: Type.String({ description: 'Five fields of cron, in UTC.' }),
    last: Type.Optional(run),
  },
  strict,
);

const jobName = Type.String({
  pattern: '^[a-z]+(-[a-z]+)*$',
  ...{ maxLength: 100, [SAYS]: 'must be the name of a job, such as forget-runs' },
});

const ofJobs = { tag: 'Operations', requires: { role: 'admin', scope: 'admin' } } as const;

const runView = ({ id, startedAt, endedAt, ...rest }: JobRun) => ({
  id: id.toString(),
  ...rest,
  startedAt: startedAt.toISOString(),
  ...(endedAt ? { endedAt: endedAt.toISOString() } : {}),
});

/** @throws {RequestProblem} 404 */
const knowing = async <T>(work: () => T | Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UnknownJob)) throw error;
    throw new RequestProblem(problem(404, 'not-found', error.message));
  }
};

/** Scheduled work. */
export const jobRoutes: readonly Route[] = [
  plainRoute({
    ...ofJobs,
    method: 'get',
    path: '/jobs',
    operationId: 'listJobs',
    summary: 'The scheduled jobs with their last runs (owners and admins)',
    success: 200,
    answer: Type.Object({ jobs: Type.Array(job) }, strict),
    handle: async ({ services }) => ({
      jobs: (await services.jobs.list()).map(({ last, ...one }) => ({
        ...one,
        ...(last ? { last: runView(last) } : {}),
      })),
    }),
  }),
  plainRoute({
    ...ofJobs,
    method: 'post',
    path: '/jobs/{jobName}/run',
    operationId: 'runJob',
    summary: 'Run a job now; how it ends is in its runs (owners and admins)',
    parameters: Type.Object({ jobName }, strict),
    success: 202,
    answer: job,
    handle: ({ services, parameters }) => knowing(() => services.jobs.request(parameters.jobName)),
  }),
  plainRoute({
    ...ofJobs,
    method: 'get',
    path: '/jobs/{jobName}/runs',
    operationId: 'listJobRuns',
    summary: 'What a job did, the newest run first (owners and admins)',
    parameters: Type.Object(
      { jobName, limit: Type.Integer({ minimum: 1, maximum: 200, default: 20 }) },
      strict,
    ),
    success: 200,
    answer: Type.Object({ runs: Type.Array(run) }, strict),
    handle: ({ services, parameters: { jobName: name, limit } }) =>
      knowing(async () => ({
        runs: (await services.jobs.runs({ job: name, limit })).map(runView),
      })),
  }),
];
