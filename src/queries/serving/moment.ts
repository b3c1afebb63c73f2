import { LocalDate } from '../../domain/schemas.js';
import { lacksOffset, parseInstant } from '../../domain/time/localTime.js';
import { validator } from '../../domain/validation.js';
import { InvalidParameter } from './cursor.js';

/** A moment of the past as a client names it. */
export type Moment =
  | { readonly kind: 'position'; readonly position: bigint }
  | { readonly kind: 'instant'; readonly at: Date }
  /** The end of a day. */
  | { readonly kind: 'day'; readonly date: LocalDate };

export const AS_OF = 'asOf';

const POSITION = /^\d{1,19}$/;
const LARGEST = 9_223_372_036_854_775_807n;
const isDate = validator(LocalDate);
/** A plus sign that was not escaped arrives as a space. */
const UNESCAPED_OFFSET = / (?=\d{2}:?\d{2}$)/;

/**
 * Reads a position of the log (`4711`), an instant (`2026-02-06T20:15:00Z`, with any offset) or a local day
 * (`2026-02-06`).
 * @throws {InvalidParameter} for anything else
 */
export const momentOf = (text: string): Moment => {
  if (POSITION.test(text)) {
    const position = BigInt(text);
    if (position <= LARGEST) return { kind: 'position', position };
  }
  if (isDate(text).ok) return { kind: 'day', date: text };
  const instant = text.includes('T')
    ? parseInstant(text.replace(UNESCAPED_OFFSET, '+'))
    : undefined;
  if (instant !== undefined) return { kind: 'instant', at: new Date(instant) };
  if (lacksOffset(text)) {
    throw new InvalidParameter(AS_OF, `has no UTC offset: write it with one, such as ${text}Z`);
  }
  throw new InvalidParameter(
    AS_OF,
    'must be a position such as 4711, an instant such as 2026-02-06T20:15:00Z or a day such as 2026-02-06',
  );
};
