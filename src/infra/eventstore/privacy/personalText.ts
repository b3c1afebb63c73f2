import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** How encrypted text looks in a stored event; no text that passes the schemas' patterns starts so. */
export interface SealedText {
  readonly sealed: string;
  /** The id of its key; absent where it has but one. */
  readonly key?: string;
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts text with AES-256-GCM (NIST SP 800-38D). The event's id and the field are authenticated with
 * it, so that a sealed text cannot be moved to another event.
 * @param keyId stored beside the text, to find the key by
 */
export const seal = (text: string, key: Buffer, place: string, keyId?: string): SealedText => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(place));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const sealed = Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
  return keyId === undefined ? { sealed } : { sealed, key: keyId };
};

export const isSealed = (value: unknown): value is SealedText =>
  typeof value === 'object' &&
  value !== null &&
  'sealed' in value &&
  typeof value.sealed === 'string';

/** @throws when the text was tampered with, or has another key or place */
export const unseal = (value: SealedText, key: Buffer, place: string): string => {
  const bytes = Buffer.from(value.sealed, 'base64');
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(place))
    .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([
    decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)),
    decipher.final(),
  ]).toString('utf8');
};
