import { Type } from 'typebox';
import { SAYS } from '../../../domain/schemas.js';

/** What can be found. */
export const FOUND_TYPES = ['movie', 'person'] as const;
export type FoundType = (typeof FOUND_TYPES)[number];

const one = `(?:${FOUND_TYPES.join('|')})`;

/** Which of them are wanted. */
export const typesParameter = Type.Optional(
  Type.String({
    ...{ pattern: `^${one}(?:,${one})*$`, maxLength: 200 },
    [SAYS]: `must be some of ${FOUND_TYPES.join(', ')}, with commas between`,
    description: `What is looked for: ${FOUND_TYPES.join(', ')}, with commas between; all by default.`,
  }),
);

/** @param types as the parameter has them */
export const wantedTypes = (types: string | undefined): ReadonlySet<string> =>
  new Set<string>(types?.split(',') ?? FOUND_TYPES);
