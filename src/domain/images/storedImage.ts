import { Type, type Static } from 'typebox';

/** Names a stored picture: the SHA-256 of its bytes, in hexadecimal digits. */
export const ImageHash = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** What is known of a picture that was stored, whosever it is. */
export const storedImage = {
  hash: ImageHash,
  /** In pixels, as it is shown: after it was turned. */
  width: Type.Integer({ minimum: 1, maximum: 100_000 }),
  height: Type.Integer({ minimum: 1, maximum: 100_000 }),
  /** What clients show until the picture is there, in at most 50 characters; `null` where it could not be made. */
  blurhash: Type.Union([
    Type.String({ pattern: '^[0-9A-Za-z#$%*+,\\-.:;=?@\\[\\]^_{|}~]{6,50}$' }),
    Type.Null(),
  ]),
};

export const StoredImage = Type.Object(storedImage, { additionalProperties: false });
export type StoredImage = Static<typeof StoredImage>;
