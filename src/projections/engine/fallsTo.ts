import type { ProjectedEvent, Projection } from '../ports/projection.js';

/** Whether an event falls to a share of a read model's rows. */
export const fallsTo = (
  projection: Projection,
  { nth, of }: { readonly nth: number; readonly of: number },
): ((event: ProjectedEvent) => boolean) => {
  return (event) => {
    const thing = projection.belongsTo?.(event);
    if (thing === undefined) throw new Error(`${projection.name} cannot be divided`);
    return hashOf(thing) % of === nth;
  };
};

/**
 * Must stay as it is: a build that was interrupted is gone on with by the Reellog after this one. FNV-1a over UTF-16
 * units, stirred at the end as in MurmurHash3, for good low bits.
 */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
};
