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
 * One line of text as people type it: no control characters (NUL among them) and no lone surrogates,
 * which PostgreSQL cannot store.
 */
export const Line = (maxLength: number, minLength = 1) =>
  Type.String({
    minLength,
    maxLength,
    pattern: '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]*$',
    [SAYS]: 'must be one line, without control characters',
  });

/** A line with something in it to see: names and titles are not blank. */
export const Name = (maxLength: number) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern:
      '^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]*' +
      '[^\\s\\u0000-\\u001f\\u007f\\ud800-\\udfff]' +
      '[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]*$',
    [SAYS]: 'must be one line that is not blank, without control characters',
  });

/** Text of several lines: as `Line`, but tab, line feed and carriage return are allowed. */
export const Text = (maxLength: number, minLength = 0) =>
  Type.String({
    minLength,
    maxLength,
    pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\ud800-\\udfff]*$',
    [SAYS]: 'must not contain control characters other than tabs and line breaks',
  });

/**
 * Marks free text that tells about a person (a review, a display name). It is encrypted with a key of
 * that person's own before it is stored, so that destroying the key erases it from an append-only
 * history (crypto-shredding). Reads as `null` once the key is gone.
 */
export const PERSONAL = 'x-personal';
export const PersonalText = (maxLength: number) =>
  Type.Union([Text(maxLength), Type.Null()], { [PERSONAL]: true });
export const PersonalLine = (maxLength: number) =>
  Type.Union([Line(maxLength), Type.Null()], { [PERSONAL]: true });

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
