import shared from '@eventstore/db-client/generated/shared_pb.js';

import { ServerException } from './rpcErrors.js';

/** What .NET's `Guid.Parse` takes: 32 digits with dashes or without, or in braces or parentheses. */
const forms = [
  /^[\da-f]{32}$/i,
  /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i,
  /^\{[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\}$/i,
  /^\([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\)$/i,
];

const withDashes = (digits: string): string =>
  [0, 8, 12, 16, 20].map((at, part) => digits.slice(at, [8, 12, 16, 20, 32][part])).join('-');

const ofBits = (most: string, least: string): string =>
  withDashes(
    [most, least]
      .map((bits) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0'))
      .join(''),
  );

const lowerCase = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/** Reads an id in either of its forms: `Uuid.FromDto`. Throws what .NET says of text that is none. */
export const uuidOf = (uuid: shared.UUID | undefined): string => {
  if (uuid?.hasStructured() === true) {
    const bits = uuid.getStructured();
    return ofBits(bits?.getMostSignificantBits() ?? '0', bits?.getLeastSignificantBits() ?? '0');
  }
  const text = uuid?.getString() ?? '';
  if (lowerCase.test(text)) return text;
  if (!forms.some((form) => form.test(text)))
    throw new ServerException('Unrecognized Guid format.');
  return withDashes(text.replaceAll(/[^\da-f]/gi, '').toLowerCase());
};

export const uuidMessage = (id: string, form: 'string' | 'structured'): shared.UUID => {
  const uuid = new shared.UUID();
  if (form === 'string') return uuid.setString(id);
  const digits = id.replaceAll('-', '');
  const bits = (from: number): string =>
    BigInt.asIntN(64, BigInt(`0x${digits.slice(from, from + 16)}`)).toString();
  const structured = new shared.UUID.Structured();
  structured.setMostSignificantBits(bits(0));
  structured.setLeastSignificantBits(bits(16));
  return uuid.setStructured(structured);
};
