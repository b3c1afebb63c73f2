import { createReadModelStore } from '../../../src/infra/readModels/live/readModelStore.js';
import type { Database } from '../../../src/infra/postgres/database.js';
import type { DomainEvent } from '../../../src/domain/eventTypes.js';
import { derivedId } from '../../../src/domain/streams.js';
import { catalogue } from '../../../src/projections/catalogue/catalogue.js';
import type { ProjectedEvent, Projection } from '../../../src/projections/ports/projection.js';
import { freshDatabase } from '../postgres/database.js';
import { streamOf } from './projectionSpecification.js';
import { forget } from './rebuilding.js';

/** One read model in a database of its own, fed by hand: as fast as laws that try many histories need it. */
export interface ReadModel {
  readonly database: Database;
  /** Empties the read model and applies the pages, each in a transaction. */
  project(pages: readonly (readonly ProjectedEvent[])[]): Promise<void>;
  close(): Promise<void>;
}

export const openReadModel = async (projection: Projection): Promise<ReadModel> => {
  const fresh = await freshDatabase();
  const store = createReadModelStore(fresh.database);
  await store.prepare(projection);
  // Lists call films what the catalogue calls them.
  if (projection.name !== catalogue.name) await store.prepare(catalogue);
  return {
    database: fresh.database,
    project: async (pages) => {
      await forget(fresh.database, projection.name);
      let checkpoint = await store.prepare(projection);
      const streams = new Map<string, ProjectedEvent[]>();
      for (const page of pages) {
        const last = page.at(-1);
        if (!last) continue;
        const wanted = page.filter((event) => projection.handles.includes(event.type));
        const past = { of: (stream: string) => streams.get(stream)?.slice() ?? [] };
        checkpoint = await store.advance(checkpoint, last.position, (tx) =>
          projection.project(wanted, tx, past),
        );
        for (const event of wanted) {
          streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
        }
      }
    },
    close: async () => {
      await store.close();
      await fresh.drop();
    },
  };
};

const FIRST_RECORDED = Date.UTC(2026, 9, 1);
const MINUTE_MS = 60_000;

/** When the nth event (from 0) of `recorded` was recorded. */
export const recordedAt = (nth: number): Date => new Date(FIRST_RECORDED + nth * MINUTE_MS);

/** Events as the log would give them: in this order, recorded a minute apart. */
export const recorded = (...events: readonly DomainEvent[]): readonly ProjectedEvent[] => {
  const revisions = new Map<string, bigint>();
  return events.map((event, nth) => {
    const stream = streamOf(event);
    const revision = revisions.get(stream) ?? 0n;
    revisions.set(stream, revision + 1n);
    return {
      ...event,
      id: derivedId(`test:event:${nth}`),
      ...{ stream, revision },
      position: BigInt(nth + 1),
      recordedAt: recordedAt(nth),
      metadata: {
        correlationId: derivedId('test:correlation'),
        causationId: derivedId('test:causation'),
        schemaVersion: 1,
      },
    };
  });
};
