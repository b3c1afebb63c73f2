import { createHash } from 'node:crypto';

/** A place in an ordered list: the sort value and the id of the last row of a page. */
export interface Cursor {
  readonly value: string | number;
  readonly id: string;
  /** A second id, for lists in which one id may stand for several rows. */
  readonly within?: string;
}

/** A parameter that its schema allows but that means nothing. */
export class InvalidParameter extends Error {
  override readonly name = 'InvalidParameter';
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Names a list, so that a cursor of it is told from one of another order or filter: a place in one list means
 * nothing in another.
 * @param parts the query and its parameters, but for how much of the list and from where
 */
export const listKey = (...parts: readonly (string | number | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 8);

/** Opaque to clients. */
export const encodeCursor = (list: string, { value, id, within }: Cursor): string =>
  Buffer.from(
    JSON.stringify(within === undefined ? [list, value, id] : [list, value, id, within]),
  ).toString('base64url');

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @throws {InvalidParameter} for anything that `encodeCursor` did not make for this list */
export const decodeCursor = (
  text: string,
  list: string,
  isValue: (value: unknown) => value is string | number,
): Cursor => {
  const decoded = decodedList(text);
  if (decoded?.length === 3 || decoded?.length === 4) {
    const [of, value, id, within = id] = decoded;
    if (of !== list) throw new InvalidParameter('cursor', OF_ANOTHER_LIST);
    if (isId(id) && isId(within) && isValue(value)) return { value, id, within };
  }
  throw new InvalidParameter(
    'cursor',
    'is not a cursor of this list: send the nextCursor of the page before, or leave it out to begin anew',
  );
};

const OF_ANOTHER_LIST =
  'is of a list with another sort, order or filter: send the same parameters as for the page before, or leave ' +
  'the cursor out to begin anew';

const decodedList = (text: string): readonly unknown[] | undefined => {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
};

const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

export const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);

/** One that PostgreSQL's `integer` holds. */
export const isInteger = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31;

/** One that PostgreSQL's `bigint` holds, in decimal. */
export const isBigInteger = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^-?\d{1,19}$/.test(value) &&
  BigInt.asIntN(64, BigInt(value)) === BigInt(value);

export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 1_000 && !value.includes('\0');

/** A moment or a day as cursors carry it: years of four digits, which PostgreSQL reads, and from 1 on. */
export const isDateText = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^(?!0000)\d{4}-/.test(value) &&
  [isoOf(value), dayOf(value)].includes(value);

const isoOf = (text: string): string | undefined => {
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : new Date(moment).toISOString();
};

/** `Date.parse` takes a day that no calendar shows for one of the next month. */
const dayOf = (text: string): string | undefined => isoOf(text)?.slice(0, 10);

/** The page and, when there is more, the cursor of the next: give one row more than the page holds. */
export const pageOf = <Row>(
  rows: readonly Row[],
  limit: number,
  list: string,
  cursorOf: (row: Row) => Cursor,
): { readonly page: readonly Row[]; readonly nextCursor: string | null } => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    page,
    nextCursor:
      rows.length > limit && last !== undefined ? encodeCursor(list, cursorOf(last)) : null,
  };
};
