import type { LoadedStreams } from './loadedStreams.js';
import type { Access } from '../ports/access.js';
import type { Clock } from '../ports/clock.js';
import type { EventStore } from '../ports/eventStore.js';
import type { Reservations } from '../ports/reservations.js';
import type { TitleViewers } from '../ports/titleViewers.js';
import type { Serialise } from './serialise.js';

/** What use-cases work with. */
export interface CommandServices {
  readonly eventStore: EventStore;
  readonly streams: LoadedStreams;
  /** By stream: commands of this process do not race each other. */
  readonly inTurn: Serialise;
  readonly reservations: Reservations;
  readonly viewers: TitleViewers;
  readonly access: Access;
  readonly clock: Clock;
  /** A new random id. */
  readonly newId: () => string;
}
