import { ImageParameters } from '../handlers/imageHandler.js';
import { propertiesOf } from '../route.js';
import { refused, toJson } from './openapiAnswers.js';

const picture = { schema: { type: 'string', format: 'binary' } };

/** The formats that pictures are taken in. */
export const takenImages = Object.fromEntries(
  ['jpeg', 'png', 'webp', 'avif', 'gif'].map((type) => [`image/${type}`, picture]),
);

const header = (description: string) => ({ description, schema: { type: 'string' } });

const headers = {
  ETag: header('Names these very bytes.'),
  'Cache-Control': header('`immutable`: keep it, and ask no more.'),
};

/** `GET /images/{hash}`, which takes no token and is no JSON. */
export const imagePath = {
  get: {
    operationId: 'getImage',
    summary: 'A picture, in the format that suits you best',
    description:
      'Takes no token: only those who may read the catalogue are told of its address. AVIF and WebP are sent to whoever ' +
      'names them in `Accept`, else JPEG, or PNG where the picture is transparent.',
    tags: ['Pictures'],
    security: [],
    parameters: Object.entries(propertiesOf(ImageParameters)).map(([name, schema]) => ({
      name,
      in: name === 'hash' ? 'path' : 'query',
      required: name === 'hash',
      schema: toJson(schema),
    })),
    responses: {
      200: {
        description: 'The picture. It never changes.',
        headers,
        content: Object.fromEntries(
          ['avif', 'webp', 'jpeg', 'png'].map((type) => [`image/${type}`, picture]),
        ),
      },
      304: { description: 'You have it already.', headers },
      400: refused('Malformed'),
      404: refused('NotFound'),
      503: refused('Unavailable'),
    },
  },
};
