import type { ClientBase } from 'pg';
import type { RowWriter, WrittenTable } from '../../../projections/ports/projection.js';
import { CopyBuffer } from './copyBuffer.js';
import { copyBytes } from './copyRows.js';

/** Rows of one table are sent when there are so many bytes of them. */
const SENT_BYTES = 1 << 19;
/** So many bytes may wait to be sent while more are made. */
const MOST_UNSENT_BYTES = 1 << 22;

interface Written {
  readonly columns: readonly string[];
  readonly buffer: CopyBuffer;
}

/** Takes rows of several tables and sends them by COPY, by and by, while more are made. */
export class CopyWriter implements RowWriter {
  readonly #client: ClientBase;
  readonly #begin: () => Promise<void>;
  readonly #limitMs: number;
  readonly #tables = new Map<string, Written>();
  /** Rows are sent one table after the other. */
  #sending: Promise<void> = Promise.resolve();
  #unsentBytes = 0;

  /** @param options.begin before rows are sent, such as to open a transaction; `limitMs`: how long a COPY may take */
  constructor(
    client: ClientBase,
    options: { readonly begin?: () => Promise<void>; readonly limitMs: number },
  ) {
    this.#client = client;
    this.#begin = options.begin ?? (() => Promise.resolve());
    this.#limitMs = options.limitMs;
  }

  write({ name, arrays }: WrittenTable, rows: readonly object[]): void {
    const [first] = rows;
    if (!first) return;
    let table = this.#tables.get(name);
    if (!table) {
      const columns = Object.keys(first);
      table = { columns, buffer: new CopyBuffer(columns, arrays) };
      this.#tables.set(name, table);
    }
    for (const row of rows) table.buffer.add(row);
    if (table.buffer.length > SENT_BYTES) this.#send(name, table);
  }

  /** Waits until few of the rows written are still to be sent. @throws what they were refused with */
  async drain(): Promise<void> {
    if (this.#unsentBytes > MOST_UNSENT_BYTES) await this.#sending;
  }

  /** Sends all rows that were written. @throws what they were refused with */
  async flush(): Promise<void> {
    for (const [name, table] of this.#tables) this.#send(name, table);
    await this.#sending;
  }

  #send(name: string, { columns, buffer }: Written): void {
    if (buffer.length === 0) return;
    const bytes = buffer.take();
    this.#unsentBytes += bytes.length;
    this.#sending = this.#sending.then(async () => {
      await this.#begin();
      await copyBytes(this.#client, { table: name, columns }, bytes, this.#limitMs);
      this.#unsentBytes -= bytes.length;
    });
    // It is awaited later.
    this.#sending.catch(() => undefined);
  }
}
