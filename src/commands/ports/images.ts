import type { StoredImage } from '../../domain/images/storedImage.js';

/** Where pictures are kept, whosever they are: films', people's. */
export interface ImageStore {
  /**
   * Checks a picture, turns it upright, takes out what is told of where and how it was made, and keeps it. The same
   * picture again is the same one.
   * @throws {ImageRefused} {ImagesBusy}
   */
  store(bytes: Uint8Array, signal: AbortSignal): Promise<StoredImage>;
  /** Whether a picture is still there. */
  has(hash: string): Promise<boolean>;
}

/** Why a picture is not taken. */
export type ImageFault = 'too-large' | 'unsupported' | 'damaged' | 'too-many-pixels';

/** A picture that is not taken, now or later. Its message says what to send instead. */
export class ImageRefused extends Error {
  override readonly name = 'ImageRefused';

  constructor(
    readonly fault: ImageFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Too much is being done with pictures: later there is room. */
export class ImagesBusy extends Error {
  override readonly name = 'ImagesBusy';
}

/** What pictures are of: a provider has them in sizes that suit. */
export type ImageUse = 'poster' | 'backdrop' | 'logo' | 'portrait';

/** Who has the pictures that providers of details name. */
export interface ImageProvider {
  /**
   * @param path as the details have it
   * @throws {ImageUnavailable} there is no such picture; {ProviderFailure} later there may be an answer
   */
  download(path: string, use: ImageUse, signal: AbortSignal): Promise<Uint8Array>;
}

/** The provider has no such picture, or it is somewhere that is not asked. */
export class ImageUnavailable extends Error {
  override readonly name = 'ImageUnavailable';
}
