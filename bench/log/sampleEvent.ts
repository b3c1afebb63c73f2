import { randomUUID } from 'node:crypto';
import type { EventToAppend } from '../../src/commands/ports/eventStore.js';

/** A play as the log holds it; every contender stores the same. */
export const sampleEvent = (): EventToAppend => ({
  id: randomUUID(),
  type: 'MovieWatched',
  data: {
    userId: randomUUID(),
    titleId: randomUUID(),
    kind: 'movie',
    playId: randomUUID(),
    watched: {
      precision: 'instant',
      instant: '2026-03-14T20:20:06.000Z',
      zone: 'Europe/Berlin',
      localDate: '2026-03-14',
    },
    source: 'manual',
    snapshot: {
      title: 'Stalker',
      runtimeMinutes: 162,
      runtimeEstimated: false,
      genres: ['Drama', 'Science Fiction'],
      releaseYear: 1979,
      countries: ['SU'],
      directors: ['Andrei Tarkovsky'],
      studios: ['Mosfilm'],
      actors: [],
    },
  },
  metadata: {
    correlationId: randomUUID(),
    causationId: randomUUID(),
    userId: randomUUID(),
    schemaVersion: 1,
  },
});

export const sampleEvents = (amount: number): readonly EventToAppend[] =>
  Array.from({ length: amount }, sampleEvent);
