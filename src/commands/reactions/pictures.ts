import { pathFields } from '../../domain/images/artwork.js';
import type { ImageKind, MovieEvent } from '../../domain/movie/events.js';
import type { RecordedEvent } from '../ports/eventStore.js';
import type { Reaction } from '../ports/reactions.js';
import type { WorkQueue } from '../ports/workQueue.js';

const takes = ['MovieImported', 'MovieMetadataRefreshed', 'MovieDetailsEdited'] as const;

type Taken = Extract<MovieEvent, { type: (typeof takes)[number] }>;

/**
 * Pictures that films name are fetched. Where a provider is named for the first time this is done for all films that
 * there are.
 */
export const picturesReaction = ({ queue }: { readonly queue: WorkQueue }): Reaction => ({
  name: 'pictures',
  version: 1,
  takes,
  react: async (events) => {
    await queue.add(
      events.filter(isTaken).flatMap((event) =>
        kindsNamed(event).map((image) => ({
          ...{ kind: 'store-image' as const, movieId: event.data.movieId, image },
        })),
      ),
    );
  },
  // It remembers nothing but its place: a picture that is here is not fetched again.
  forget: () => Promise.resolve(),
});

/** The domain event store checked the data. */
const isTaken = (event: RecordedEvent): event is RecordedEvent & Taken =>
  (takes as readonly string[]).includes(event.type);

const kindsNamed = (event: Taken): readonly ImageKind[] => {
  const told = event.type === 'MovieImported' ? event.data : event.data.changes;
  return (Object.keys(pathFields) as ImageKind[]).filter((kind) => told[pathFields[kind]] != null);
};
