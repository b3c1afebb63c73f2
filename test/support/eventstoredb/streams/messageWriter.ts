/**
 * Writes a protobuf message from its end to its start: so the length of a nested message, which
 * comes before it, is known when it is its turn. The fields go in with the last one first.
 */
export class MessageWriter {
  readonly #buffer: Buffer;
  #at: number;

  /** A writer of messages of at most so many bytes. */
  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity);
    this.#at = capacity;
  }

  /** What has been written. */
  get written(): Uint8Array {
    return this.#buffer.subarray(this.#at);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#at -= value.length;
    this.#buffer.set(value, this.#at);
    this.#lengthDelimited(field, value.length);
  }

  text(field: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.#at -= length;
    this.#buffer.write(value, this.#at);
    this.#lengthDelimited(field, length);
  }

  /** An integer that is not negative. */
  integer(field: number, value: number): void {
    this.#varint(value);
    this.#varint(field << 3);
  }

  /** The largest Int64. */
  largest(field: number): void {
    this.#buffer[--this.#at] = 0x7f;
    this.#at -= 8;
    this.#buffer.fill(0xff, this.#at, this.#at + 8);
    this.#varint(field << 3);
  }

  /** Where a nested message ends; `nested` is told when its fields are written. */
  get end(): number {
    return this.#at;
  }

  nested(field: number, end: number): void {
    this.#lengthDelimited(field, end - this.#at);
  }

  #lengthDelimited(field: number, length: number): void {
    this.#varint(length);
    this.#varint((field << 3) | 2);
  }

  #varint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    this.#at -= size;
    let [at, rest] = [this.#at, value];
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[at++] = (rest % 0x80) | 0x80;
    this.#buffer[at] = rest;
  }
}
