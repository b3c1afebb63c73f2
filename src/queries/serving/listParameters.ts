import { Type } from 'typebox';

/** How much of a list, and from where. @param most the largest page; more is refused, never cut silently */
export const paging = (usual: number, most: number) => ({
  limit: Type.Integer({
    minimum: 1,
    maximum: most,
    default: usual,
    description: 'How many entries at most.',
  }),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2_000,
      description: 'The `nextCursor` of the page before.',
    }),
  ),
});

/** What every list answers beside its entries. */
export const nextCursor = Type.Union([Type.String(), Type.Null()], {
  description: 'Ask for the next page with it; null on the last.',
});
