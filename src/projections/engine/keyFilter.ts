/** A part of a filter takes so many keys, the next one four times as many, up to the last. */
const FIRST_KEYS = 1 << 14;
const LAST_KEYS = 1 << 20;
/** 32 bits and 8 probes a key: of 100,000 keys that were not added 1 seems to have been. */
const BITS_A_KEY = 32;
const PROBES = 8;

interface Part {
  readonly bits: Uint32Array;
  readonly most: number;
  keys: number;
}

/**
 * Which keys a table may have, in 4 bytes a key: a Bloom filter (B. H. Bloom, "Space/Time Trade-offs in Hash
 * Coding with Allowable Errors", 1970), its probes made of two hashes (Kirsch and Mitzenmacher, 2006). What was
 * added is always there; seldom something is that was not.
 */
export class KeyFilter {
  readonly #parts: Part[] = [partFor(FIRST_KEYS)];

  add(key: string): void {
    let part = this.#parts.at(-1);
    if (!part || part.keys >= part.most) {
      part = partFor(Math.min((part?.most ?? 0) * 4, LAST_KEYS));
      this.#parts.push(part);
    }
    part.keys += 1;
    const { bits } = part;
    const mask = bits.length * 32 - 1;
    let probe = hashOf(key, FIRST_SEED);
    const step = hashOf(key, SECOND_SEED) | 1;
    for (let n = 0; n < PROBES; n += 1) {
      const bit = probe & mask;
      bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
      probe = (probe + step) | 0;
    }
  }

  /** `false` only for keys that were never added. */
  has(key: string): boolean {
    const first = hashOf(key, FIRST_SEED);
    const step = hashOf(key, SECOND_SEED) | 1;
    return this.#parts.some(({ bits }) => {
      const mask = bits.length * 32 - 1;
      let probe = first;
      for (let n = 0; n < PROBES; n += 1) {
        const bit = probe & mask;
        if (((bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
        probe = (probe + step) | 0;
      }
      return true;
    });
  }
}

const partFor = (most: number): Part => ({
  bits: new Uint32Array((most * BITS_A_KEY) / 32),
  most,
  keys: 0,
});

const FIRST_SEED = 0x811c9dc5;
const SECOND_SEED = 0x9747b28c;

/** FNV-1a over UTF-16 units, stirred at the end as in MurmurHash3, for its low bits to be good. */
const hashOf = (key: string, seed: number): number => {
  let hash = seed;
  for (let at = 0; at < key.length; at += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
};
