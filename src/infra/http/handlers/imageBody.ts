import express, { type Request, type RequestHandler } from 'express';
import type { ImageStore } from '../../../commands/ports/images.js';
import type { StoredImage } from '../../../domain/images/storedImage.js';
import { validator } from '../../../domain/validation.js';
import { MOST_BYTES } from '../../images/acceptedImage.js';
import { malformed, RequestProblem } from '../problems.js';
import type { CommandRoute } from '../route.js';
import { pathParameters } from './requestBody.js';

/** Reads the bytes of a picture into `request.body`; what they are is told by themselves. */
export const imageBytes: RequestHandler = express.raw({ limit: MOST_BYTES, type: () => true });

/**
 * Keeps the picture that a request brings. What cannot come to anything is refused before that.
 * @param limitMs how long it may take
 */
export const imageBody = (
  { parameters }: CommandRoute,
  images: ImageStore,
  limitMs: number,
): ((request: Request) => Promise<StoredImage>) => {
  const check = validator(parameters);
  return (request) => {
    const checked = check(pathParameters(request));
    if (!checked.ok) throw new RequestProblem(malformed(checked.errors));
    const body: unknown = request.body;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    return images.store(bytes, AbortSignal.timeout(limitMs));
  };
};
