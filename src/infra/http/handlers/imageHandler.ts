import { stat } from 'node:fs/promises';
import type { RequestHandler } from 'express';
import { Type } from 'typebox';
import { ImageHash } from '../../../domain/images/storedImage.js';
import { SAYS } from '../../../domain/schemas.js';
import { validator } from '../../../domain/validation.js';
import { WIDTHS, type Images } from '../../images/images.js';
import { malformed, problem, RequestProblem } from '../problems.js';

/** What a picture is asked for by. */
export const ImageParameters = Type.Object(
  {
    hash: Type.Unsafe<string>({ ...ImageHash, [SAYS]: 'must be 64 hexadecimal digits' }),
    width: Type.Optional(
      Type.Union(
        WIDTHS.map((width) => Type.Literal(width)),
        { [SAYS]: `must be one of ${WIDTHS.join(', ')}` },
      ),
    ),
  },
  { additionalProperties: false },
);

const CACHE_CONTROL = 'public, max-age=31536000, immutable';

/**
 * Sends a picture, to anybody who has its address: `<img>` cannot send a token, and only who may read the catalogue is
 * told of the 256 bits of the address.
 * @param limitMs how long making it may take
 */
export const imageHandler = (images: Images, limitMs: number): RequestHandler => {
  const check = validator(ImageParameters, { coerce: true });
  return async (request, response) => {
    const checked = check({ ...(request.query as object), ...request.params });
    if (!checked.ok) throw new RequestProblem(malformed(checked.errors));
    const { hash, width } = checked.value;
    const { accept } = request.headers;
    const file = await images.find({ hash, width, accept }, AbortSignal.timeout(limitMs));
    if (!file) throw new RequestProblem(problem(404, 'not-found', 'There is no such picture.'));
    const { size, mtimeMs } = await stat(file.path);
    response.vary('Accept').set({
      'Content-Type': file.type,
      'Cache-Control': CACHE_CONTROL,
      // Of these very bytes: made again by another version of the encoder, they are others.
      ETag: `"${hash.slice(0, 16)}-${Math.round(mtimeMs).toString(36)}-${size.toString(36)}"`,
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    await new Promise<void>((resolve, reject) => {
      const options: Parameters<typeof response.sendFile>[1] = {
        ...{ dotfiles: 'allow', etag: false, lastModified: false },
        ...{ cacheControl: false, acceptRanges: false },
      };
      response.sendFile(file.path, options, (error: NodeJS.ErrnoException | undefined) => {
        // Who hung up has had enough.
        if (error === undefined || error.code === 'ECONNABORTED') resolve();
        else reject(error);
      });
    });
  };
};
