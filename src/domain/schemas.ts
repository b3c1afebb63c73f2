import { Type, type Static } from 'typebox';

/**
 * The vocabulary that events, commands and answers share. Formats are those of ajv-formats and the
 * one that `validation.ts` adds, `zone`.
 */

const UUID = '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
const YEAR_FROM_1 = '^(?!0000)';
const LANGUAGE = '^[a-z]{2,3}$';
const COUNTRY = '^[A-Z]{2}$';

/** What a refusal says of a form, a pattern or a choice that a value does not have. */
export const SAYS = 'x-says';

/** Marks text that is the same in capitals: a check puts it into lower case. */
export const LOWER_CASE = 'x-lower-case';

/** RFC 9562 UUID. Clients may write it in capitals; a check leaves it in lower case, which alone is stored. */
export const Uuid = Type.String({
  ...{ format: 'uuid', pattern: UUID, [LOWER_CASE]: true },
  [SAYS]: 'must be a UUID such as 6a2f41a3-c54c-4a8e-9c1f-0b7d5a0e3c11',
});

/** A moment in UTC, ISO 8601 with milliseconds: `2026-02-07T03:26:00.000Z`. */
export const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
});
export type Instant = Static<typeof Instant>;

/** Marks a moment as a client writes it: a check makes an `Instant` of it. */
export const INSTANT = 'x-instant';

const clientInstant = {
  ...{ format: 'date-time', maxLength: 100, [INSTANT]: true },
  [SAYS]: 'must be a time such as 2026-11-20T20:30:00+01:00',
};

/**
 * A moment as a client may write it: RFC 3339 with any offset, with seconds or without, and any number of fractional
 * digits. Where the command has a `timezone`, a moment without an offset is read there. A check leaves an `Instant`.
 */
export const ClientInstant = Type.String(clientInstant);

/** A moment, where a day alone could be given as `{"date": …}` instead. */
export const ClientInstantNotDate = Type.String({
  ...clientInstant,
  [SAYS]:
    'must be a time such as 2026-11-20T20:30:00+01:00; for a day alone give {"date": "2026-11-20"}',
});

/** A day of somebody's calendar, without a zone: `2026-02-06`. No calendar has a year 0. */
export const LocalDate = Type.String({
  ...{ format: 'date', pattern: YEAR_FROM_1 },
  [SAYS]: 'must be a date such as 2026-11-20',
});
export type LocalDate = Static<typeof LocalDate>;

/** An IANA time zone name: `America/New_York`. Whether it exists is checked by the `zone` format. */
export const Zone = Type.String({
  ...{ format: 'zone', minLength: 1, maxLength: 64 },
  [SAYS]: 'must be an IANA time zone name such as Europe/Berlin',
});
export type Zone = Static<typeof Zone>;

/**
 * What text has no use for, and what deceives whoever reads it: control characters (C0, DEL, C1), marks that change
 * the direction of what follows (Unicode's Bidi_Control, UAX #9), and characters without any width but the joiners,
 * which emoji, Persian and Hindi need; and lone surrogates, which PostgreSQL cannot store.
 */
const DECEPTIVE =
  '\\u007f-\\u009f\\u061c\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff';
const NOT_IN_LINES = `\\u0000-\\u001f\\u2028\\u2029${DECEPTIVE}`;
/** Tab, line feed, carriage return, and line and paragraph separators are allowed. */
const NOT_IN_TEXT = `\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f${DECEPTIVE}`;
const WITHOUT =
  'without control characters and invisible marks, such as those of writing direction';

/** One line of text as people type it. */
export const Line = (maxLength: number, minLength = 1) =>
  Type.String({
    minLength,
    maxLength,
    pattern: `^[^${NOT_IN_LINES}]*$`,
    [SAYS]: `must be one line, ${WITHOUT}`,
  });

/** A line with something in it to see: names and titles are not blank. */
export const Name = (maxLength: number) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: `^[^${NOT_IN_LINES}]*[^\\s\\u200c\\u200d${NOT_IN_LINES}][^${NOT_IN_LINES}]*$`,
    [SAYS]: `must be one line that is not blank, ${WITHOUT}`,
  });

/** Text of several lines: as `Line`, but tab, line feed and carriage return are allowed. */
export const Text = (maxLength: number, minLength = 0) =>
  Type.String({
    minLength,
    maxLength,
    pattern: `^[^${NOT_IN_TEXT}]*$`,
    [SAYS]: `must be text ${WITHOUT}`,
  });

/** A line that may have been stored, or copied from what was, when marks of direction were still taken. */
export const StoredLine = (maxLength: number, minLength = 1) =>
  Type.String({ minLength, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]*$' });

/** As `StoredLine`, of several lines. */
export const StoredText = (maxLength: number, minLength = 0) =>
  Type.String({
    minLength,
    maxLength,
    pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\ud800-\\udfff]*$',
  });

/**
 * Marks free text that tells about a person (a review, a display name). It is encrypted with a key of
 * that person's own before it is stored, so that destroying the key erases it from an append-only
 * history (crypto-shredding). Reads as `null` once the key is gone.
 */
export const PERSONAL = 'x-personal';
export const PersonalText = (maxLength: number) =>
  Type.Union([StoredText(maxLength), Type.Null()], { [PERSONAL]: true });
export const PersonalLine = (maxLength: number) =>
  Type.Union([StoredLine(maxLength), Type.Null()], { [PERSONAL]: true });

/** A rating: 0.0 to 10.0 in steps of 0.1; 0 is a rating, its absence is not (SEMANTICS D9). */
export const Rating = Type.Number({ minimum: 0, maximum: 10, multipleOf: 0.1 });

/** ISO 639-1 (or 639-2) language code, lower case. */
export const LanguageCode = Type.String({
  pattern: LANGUAGE,
  [SAYS]: 'must be an ISO 639 language code such as en',
});

/** ISO 3166-1 alpha-2 country code, upper case. */
export const CountryCode = Type.String({
  pattern: COUNTRY,
  [SAYS]: 'must be an ISO 3166 country code such as US',
});
