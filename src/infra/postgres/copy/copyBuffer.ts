const FIRST_BYTES = 1 << 14;
const TAB = 0x09;
const NEWLINE = 0x0a;
const ZERO = 0x30;
const COLON = 0x3a;
const POINT = 0x2e;
const ZULU = 0x5a;
const DAY_MS = 86_400_000;

/** What means something in COPY's text format. */
const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
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
        else this.#json(value);
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
    this.#any(
      SPECIAL.test(text)
        ? text.replace(/[\\\t\n\r]/g, (special) => ESCAPES[special] ?? special)
        : text,
    );
  }

  /** Of what means something JSON has backslashes alone. */
  #json(value: unknown): void {
    const text = JSON.stringify(value);
    this.#any(text.includes('\\') ? text.replaceAll('\\', '\\\\') : text);
  }

  #any(text: string): void {
    // Of no character come more than three bytes for each of its UTF-16 units.
    this.#makeRoom(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
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
