/**
 * The objects of OpenAPI 3.1 that our document is made of, and nothing beside them: a misspelt or misplaced
 * member is a mistake here. Schemas are checked against JSON Schema 2020-12, OpenAPI's base dialect, elsewhere.
 */

type Shape = Readonly<Record<string, unknown>>;

const text = { type: 'string', minLength: 1 };
const object = (required: Shape, optional: Shape = {}): Shape => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
});
const mapOf = (value: Shape, names = '^[A-Za-z0-9._-]+$', others: Shape = {}): Shape => ({
  type: 'object',
  patternProperties: { [names]: value, ...others },
  additionalProperties: false,
});
const reference = (section: string): Shape =>
  object({ $ref: { type: 'string', pattern: `^#/components/${section}/[A-Za-z0-9._-]+$` } });
const orReference = (section: string, value: Shape): Shape => ({
  if: { required: ['$ref'] },
  then: reference(section),
  else: value,
});

const schema = { type: 'object', minProperties: 1 };
const content = mapOf(
  object({ schema }),
  '^(application/(problem\\+)?json|text/event-stream|image/[a-z]+)$',
);
const header = object({ description: text, schema });
const parameter = object(
  { name: text, in: { enum: ['path', 'query', 'header'] }, required: { type: 'boolean' }, schema },
  { description: text },
);
const pathParametersAreRequired = {
  if: { properties: { in: { const: 'path' } }, required: ['in'] },
  then: { properties: { required: { const: true } } },
};
const response = object(
  { description: text },
  { content, headers: mapOf(orReference('headers', header)) },
);
const forPeople = {
  security: {
    type: 'array',
    items: object({
      token: { type: 'array', items: { enum: ['read', 'watch', 'write', 'admin'] } },
    }),
    minItems: 1,
    maxItems: 1,
  },
  'x-role': { enum: ['member', 'admin', 'owner'] },
};
/** A secret, in one of two places. */
const ofWebhook = {
  security: {
    type: 'array',
    prefixItems: ['webhookSecret', 'webhookPassword'].map((name) =>
      object({ [name]: { type: 'array', maxItems: 0 } }),
    ),
    minItems: 2,
    maxItems: 2,
  },
};
/** Anybody may. */
const forAnybody = { security: { type: 'array', maxItems: 0 } };
const operationOf = (takes: Shape): Shape =>
  object(
    {
      ...takes,
      operationId: { type: 'string', pattern: '^[a-z][A-Za-z]+$' },
      summary: text,
      description: text,
      tags: { type: 'array', items: text, minItems: 1, maxItems: 1 },
      parameters: {
        type: 'array',
        items: orReference('parameters', { allOf: [parameter, pathParametersAreRequired] }),
        uniqueItems: true,
      },
      responses: {
        ...mapOf(orReference('responses', response), '^[2-5]\\d\\d$'),
        minProperties: 1,
      },
    },
    { requestBody: object({ required: { type: 'boolean' }, content }) },
  );

export const openApiShape: Shape = object({
  openapi: { const: '3.1.0' },
  info: object({
    title: text,
    version: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+' },
    description: text,
    license: object({ name: text, identifier: text }),
  }),
  servers: { type: 'array', items: object({ url: text }), minItems: 1 },
  security: { type: 'array', items: mapOf({ type: 'array', maxItems: 0 }), minItems: 1 },
  tags: { type: 'array', items: object({ name: text }), uniqueItems: true },
  paths: mapOf(
    { ...mapOf(operationOf(forPeople), '^(get|put|post|delete|patch)$'), minProperties: 1 },
    '^/api/v1/(?!webhooks/|images/)[a-z]',
    {
      '^/api/v1/webhooks/[a-z]+$': object({ post: operationOf(ofWebhook) }),
      '^/api/v1/images/': object({ get: operationOf(forAnybody) }),
    },
  ),
  components: object({
    securitySchemes: mapOf({
      oneOf: [
        object({
          type: { const: 'http' },
          scheme: { enum: ['bearer', 'basic'] },
          description: text,
        }),
        object({
          type: { const: 'apiKey' },
          in: { const: 'header' },
          name: text,
          description: text,
        }),
      ],
    }),
    schemas: mapOf(schema),
    parameters: mapOf(parameter),
    headers: mapOf(header),
    responses: mapOf(response),
  }),
});
