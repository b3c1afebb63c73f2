import { accept, type Decider, type Decision } from '../decider.js';
import { isSameValue } from '../sameValue.js';
import type { CollectionCommand } from './commands.js';
import type { CollectionDetails, CollectionEvent, CollectionPart } from './events.js';

/** A series of films as its stream tells it. */
export type CollectionState =
  { readonly status: 'absent' } | { readonly status: 'known'; readonly details: CollectionDetails };

/** What the provider has no more stays, as it does of films; its parts are those that it names now. */
const decide = (
  { data, context: { collectionId } }: CollectionCommand,
  state: CollectionState,
): Decision<CollectionEvent> => {
  const told = { ...data, parts: inOrderOfRelease(data.parts) };
  if (state.status === 'absent') {
    return accept({ type: 'CollectionImported', data: { collectionId, ...told } });
  }
  const details = { ...state.details, ...told };
  return isSameValue(details, state.details)
    ? accept()
    : accept({ type: 'CollectionMetadataRefreshed', data: { collectionId, ...details } });
};

/** Those that are not dated are yet to come. Of one day the provider's order stays. */
const inOrderOfRelease = (parts: readonly CollectionPart[]): CollectionPart[] =>
  parts.toSorted((one, other) => {
    const [day, otherDay] = [one.releaseDate ?? NEVER, other.releaseDate ?? NEVER];
    return day < otherDay ? -1 : day > otherDay ? 1 : 0;
  });

/** After all dates, compared as text. */
const NEVER = '~';

const evolve = (_: CollectionState, event: CollectionEvent): CollectionState => {
  switch (event.type) {
    case 'CollectionImported':
    case 'CollectionMetadataRefreshed': {
      const { collectionId: __, ...details } = event.data;
      return { status: 'known', details };
    }
    default:
      return event satisfies never;
  }
};

export const collectionDecider: Decider<CollectionState, CollectionCommand, CollectionEvent> = {
  initialState: { status: 'absent' },
  decide,
  evolve,
};
