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

/** Opaque to clients. */
export const encodeCursor = ({ value, id, within }: Cursor): string =>
  Buffer.from(JSON.stringify(within === undefined ? [value, id] : [value, id, within])).toString(
    'base64url',
  );

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @throws {InvalidParameter} for anything that `encodeCursor` did not make for this order */
export const decodeCursor = (
  text: string,
  isValue: (value: unknown) => value is string | number,
): Cursor => {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(decoded) && (decoded.length === 2 || decoded.length === 3)) {
      const [value, id, within = id] = decoded as [unknown, unknown, unknown?];
      if (isId(id) && isId(within) && isValue(value)) return { value, id, within };
    }
  } catch {
    // Not ours: said below.
  }
  throw new InvalidParameter('cursor', 'is not a cursor of this list');
};

const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

export const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);

/** One that PostgreSQL's `integer` holds. */
export const isInteger = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31;

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
  cursorOf: (row: Row) => Cursor,
): { readonly page: readonly Row[]; readonly nextCursor: string | null } => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    page,
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(cursorOf(last)) : null,
  };
};
