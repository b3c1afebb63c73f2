/** Of the crew, the jobs that make a writer (DOMAIN, people and ages). */
export const WRITING_JOBS: ReadonlySet<string> = new Set(['Screenplay', 'Story', 'Writer']);
const FIRST_BILLED = 10;
const WELL_BILLED = 25;

/** Directors first, writers, the first ten of the cast, those up to the 25th, then all others (SEMANTICS D10). */
const priorityOf = (job: string | undefined, billing: number): number => {
  if (job === undefined) return billing < FIRST_BILLED ? 2 : billing < WELL_BILLED ? 3 : 4;
  return job === 'Director' ? 0 : WRITING_JOBS.has(job) ? 1 : 4;
};

/**
 * The ids at TMDb of the people of a film, those first whose ages are wanted most: each once, at their best priority,
 * then by billing.
 */
export const wantedPeople = ({
  cast = [],
  crew = [],
}: {
  readonly cast?: readonly { readonly tmdbId?: number }[];
  readonly crew?: readonly { readonly tmdbId?: number; readonly job: string }[];
}): readonly number[] => {
  const ranked = [
    ...cast.map(({ tmdbId }, nth) => ({ tmdbId, nth, priority: priorityOf(undefined, nth) })),
    ...crew.map(({ tmdbId, job }, nth) => ({
      ...{ tmdbId, nth: cast.length + nth, priority: priorityOf(job, nth) },
    })),
  ].sort((one, other) => one.priority - other.priority || one.nth - other.nth);
  return [...new Set(ranked.flatMap(({ tmdbId }) => tmdbId ?? []))];
};
