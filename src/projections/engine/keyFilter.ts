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
  /** Of the key in hand: fields, for this is done for every row. */
  #first = 0;
  #step = 1;

  add(first: string, rest: string): void {
    let part = this.#parts.at(-1);
    if (!part || part.keys >= part.most) {
      part = partFor(Math.min((part?.most ?? 0) * 4, LAST_KEYS));
      this.#parts.push(part);
    }
    part.keys += 1;
    this.#hash(first, rest);
    const { bits } = part;
    const mask = bits.length * 32 - 1;
    let probe = this.#first;
    for (let n = 0; n < PROBES; n += 1) {
      const bit = probe & mask;
      bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
      probe = (probe + this.#step) | 0;
    }
  }

  /** `false` only for keys that were never added. */
  has(first: string, rest: string): boolean {
    if (this.#parts[0]?.keys === 0) return false;
    this.#hash(first, rest);
    for (const part of this.#parts) if (this.#isIn(part)) return true;
    return false;
  }

  #isIn({ bits }: Part): boolean {
    const mask = bits.length * 32 - 1;
    let probe = this.#first;
    for (let n = 0; n < PROBES; n += 1) {
      const bit = probe & mask;
      if (((bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
      probe = (probe + this.#step) | 0;
    }
    return true;
  }

  /** FNV-1a over UTF-16 units with two seeds at once, stirred at the end as in MurmurHash3, for good low bits. */
  #hash(first: string, rest: string): void {
    this.#first = 0x811c9dc5;
    this.#step = 0x9747b28c;
    this.#mix(first);
    this.#mix(rest);
    this.#first = stirred(this.#first);
    this.#step = stirred(this.#step) | 1;
  }

  #mix(text: string): void {
    let one = this.#first;
    let other = this.#step;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      one = Math.imul(one ^ unit, 0x01000193);
      other = Math.imul(other ^ unit, 0x01000193);
    }
    this.#first = one;
    this.#step = other;
  }
}

const partFor = (most: number): Part => ({
  bits: new Uint32Array((most * BITS_A_KEY) / 32),
  most,
  keys: 0,
});

const stirred = (hash: number): number => {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
};
