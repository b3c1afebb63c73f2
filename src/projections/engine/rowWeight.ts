/** What an object or an array takes beside what is in it, in bytes; of V8 on 64 bits, and no more than about so. */
const OBJECT = 40;
const STRING = 20;
const NUMBER = 12;

/** What a value of a row takes in memory, in bytes, more or less. */
const bytesOf = (value: unknown): number => {
  switch (typeof value) {
    case 'string':
      return STRING + value.length;
    case 'object':
      if (value === null) return 0;
      return Object.values(value).reduce<number>((sum, part) => sum + bytesOf(part), OBJECT);
    default:
      return NUMBER;
  }
};

/** One of so many rows is weighed. */
const ONE_OF = 32;
/** How much of the mean is the row weighed last. */
const NEWEST = 1 / 8;

/** What the rows of a table weigh: some are weighed as they come, for the others it is guessed. */
export class RowWeight {
  #mean = 0;
  #seen = 0;

  see(row: object | readonly object[]): void {
    if (this.#seen % ONE_OF === 0) {
      const bytes = bytesOf(row);
      this.#mean += (bytes - this.#mean) * (this.#seen === 0 ? 1 : NEWEST);
    }
    this.#seen += 1;
  }

  /** In bytes, of one row; of those that came lately. */
  get mean(): number {
    return this.#mean;
  }
}
