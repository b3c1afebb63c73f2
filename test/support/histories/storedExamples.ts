import { readdirSync, readFileSync } from 'node:fs';
import type { EventToAppend } from '../../../src/commands/ports/eventStore.js';
import type { EventType } from '../../../src/domain/eventType.js';

/** An event as it stands in the log, in whichever version it was written. */
export interface StoredExample extends EventToAppend {
  readonly stream: string;
  readonly recordedAt: string;
}

const fixtures = new URL('../../fixtures/', import.meta.url);

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, fixtures), 'utf8'));

/** Stored events of every version that was ever written, one file for each, oldest first: one small history. */
export const storedExamples: readonly StoredExample[] = readdirSync(new URL('events/', fixtures))
  .flatMap((name) => read(`events/${name}`) as readonly StoredExample[])
  .sort((one, other) => (one.recordedAt < other.recordedAt ? -1 : 1));

/** The keys of the people whose text is encrypted in them. */
export const personalKeysOfExamples: ReadonlyMap<string, Buffer> = new Map(
  Object.entries(read('personalKeys.json') as Readonly<Record<string, string>>).map(
    ([userId, key]) => [userId, Buffer.from(key, 'base64')],
  ),
);

/** The versions of types, such as `MovieImported.v1`, that have no stored example. */
export const versionsWithoutExample = (
  types: Readonly<Record<string, EventType>>,
  examples: readonly StoredExample[],
): readonly string[] => {
  const there = new Set(examples.map(({ type, metadata }) => `${type}.v${metadata.schemaVersion}`));
  return Object.entries(types)
    .flatMap(([name, { version }]) =>
      Array.from({ length: version }, (_, before) => `${name}.v${before + 1}`),
    )
    .filter((version) => !there.has(version));
};
