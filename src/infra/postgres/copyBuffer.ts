const FIRST_BYTES = 1 << 14;
const TAB = 0x09;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const COLON = 0x3a;
const POINT = 0x2e;
const ZULU = 0x5a;
const DAY_MS = 86_400_000;

/** What follows a backslash in COPY's text format instead of a character that means something there. */
const ESCAPES: Readonly<Record<number, number>> = {
  [BACKSLASH]: BACKSLASH,
  [TAB]: 't'.charCodeAt(0),
  [NEWLINE]: 'n'.charCodeAt(0),
  0x0d: 'r'.charCodeAt(0),
};

/**
 * Rows of one table in COPY's text format (PostgreSQL's manual, COPY, "Text Format"), written into bytes as they come:
 * texts put together of texts would be most of the garbage of a rebuild. Objects and arrays go as JSON, but for columns
 * of an SQL array type.
 */
export class CopyBuffer {
  readonly #columns: readonly { readonly name: string; readonly isArray: boolean }[];
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;
  /** Counted from 1970-01-01, with its text up to the hours. */
  #day: number | undefined;
  #dayText = '';

  /** @param arrays the columns of an SQL array type */
  constructor(columns: readonly string[], arrays: readonly string[] = []) {
    this.#columns = columns.map((name) => ({ name, isArray: arrays.includes(name) }));
  }

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  add(row: object): void {
    const values = row as Readonly<Record<string, unknown>>;
    let isFirst = true;
    for (const { name, isArray } of this.#columns) {
      if (!isFirst) this.#byte(TAB);
      isFirst = false;
      const value = values[name];
      if (isArray && Array.isArray(value)) this.#text(arrayOf(value));
      else this.#value(value);
    }
    this.#byte(NEWLINE);
  }

  /** Everything written until now; what is written later is not in it. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafe(Math.max(FIRST_BYTES, this.#length));
    this.#length = 0;
    return taken;
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#text(value);
        break;
      case 'number':
      case 'bigint':
      case 'boolean':
        this.#plain(String(value));
        break;
      default:
        if (value instanceof Date) this.#time(value.getTime());
        else if (value === null || value === undefined) this.#plain('\\N');
        else this.#text(JSON.stringify(value));
    }
  }

  /** As `toISOString` writes it, which takes several times as long: most times of a table are of few days. */
  #time(ms: number): void {
    const day = Math.floor(ms / DAY_MS);
    if (day !== this.#day) {
      const text = new Date(day * DAY_MS).toISOString();
      this.#day = day;
      this.#dayText = text.slice(0, text.indexOf('T') + 1);
    }
    this.#plain(this.#dayText);
    const rest = ms - day * DAY_MS;
    this.#digits(Math.floor(rest / 3_600_000), 2);
    this.#byte(COLON);
    this.#digits(Math.floor(rest / 60_000) % 60, 2);
    this.#byte(COLON);
    this.#digits(Math.floor(rest / 1_000) % 60, 2);
    this.#byte(POINT);
    this.#digits(rest % 1_000, 3);
    this.#byte(ZULU);
  }

  #digits(value: number, count: 2 | 3): void {
    if (count === 3) this.#byte(ZERO + Math.floor(value / 100));
    this.#byte(ZERO + (Math.floor(value / 10) % 10));
    this.#byte(ZERO + (value % 10));
  }

  /** Text that is ASCII, and has nothing in it that means something. */
  #plain(text: string): void {
    this.#makeRoom(text.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let nth = 0; nth < text.length; nth += 1) {
      bytes[at] = text.charCodeAt(nth);
      at += 1;
    }
    this.#length = at;
  }

  #text(text: string): void {
    // Of no character come more than three bytes for each of its UTF-16 units.
    this.#makeRoom(text.length * 3);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let nth = 0; nth < text.length; nth += 1) {
      const unit = text.charCodeAt(nth);
      if (unit > 0x7f) {
        this.#length = at;
        this.#others(text.slice(nth));
        return;
      }
      const escape = unit === BACKSLASH || unit < 0x0e ? ESCAPES[unit] : undefined;
      if (escape === undefined) bytes[at] = unit;
      else {
        bytes[at] = BACKSLASH;
        at += 1;
        bytes[at] = escape;
      }
      at += 1;
    }
    this.#length = at;
  }

  /** Text with more than ASCII in it, for which there is room. */
  #others(text: string): void {
    const escaped = text.replace(
      /[\\\t\n\r]/g,
      (special) => `\\${String.fromCharCode(ESCAPES[special.charCodeAt(0)] ?? BACKSLASH)}`,
    );
    this.#makeRoom(escaped.length * 3);
    this.#length += this.#bytes.write(escaped, this.#length, 'utf8');
  }

  #byte(byte: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  #makeRoom(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** An SQL array of texts, every element quoted ("Array Value Input"). */
const arrayOf = (texts: readonly unknown[]): string =>
  `{${texts.map((text) => `"${String(text).replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
