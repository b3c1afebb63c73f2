import { wantsEnrichment } from '../../domain/movie/enrichment.js';
import type { MovieEvent } from '../../domain/movie/events.js';
import type { RecordedEvent } from '../ports/eventStore.js';
import type { Reaction } from '../ports/reactions.js';
import type { WorkQueue } from '../ports/workQueue.js';

type Taken = Extract<MovieEvent, { type: 'MovieImported' | 'MovieDetailsEdited' }>;

/**
 * Films of which little is known are looked up: those that are imported, and those that a person gives an external id.
 * Where a provider is named for the first time this is done for all films that there are.
 */
export const enrichmentReaction = ({ queue }: { readonly queue: WorkQueue }): Reaction => ({
  name: 'enrichment',
  version: 1,
  takes: ['MovieImported', 'MovieDetailsEdited'],
  react: async (events) => {
    const films = new Set(
      events.filter(isTaken).flatMap((event) => (isWanted(event) ? event.data.movieId : [])),
    );
    await queue.add([...films].map((movieId) => ({ kind: 'enrich-movie', movieId })));
  },
  // It remembers nothing but its place: what was looked up before is looked up again, and found to be as it is.
  forget: () => Promise.resolve(),
});

/** The domain event store checked the data. */
const isTaken = (event: RecordedEvent): event is RecordedEvent & Taken =>
  event.type === 'MovieImported' || event.type === 'MovieDetailsEdited';

const isWanted = (event: Taken): boolean => {
  if (event.type === 'MovieImported') return wantsEnrichment(event.data);
  const { tmdbId, imdbId } = event.data.changes;
  return tmdbId != null || imdbId != null;
};
