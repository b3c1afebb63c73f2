import type { TSchema } from 'typebox';
import { validator } from '../../domain/validation.js';

/** Fields of what a provider tells of, by the schemas of what they can hold. */
export interface FittingFields<Field extends string> {
  /** Whether a field can hold a value. */
  readonly fits: (field: Field, value: unknown) => boolean;
  /** What is offered, without what is not known and what does not fit: negative amounts, the date "0000-00-00". */
  of(offered: Readonly<Partial<Record<Field, unknown>>>): Record<string, unknown>;
}

export const fittingFields = <Field extends string>(
  schemas: Readonly<Record<Field, TSchema>>,
): FittingFields<Field> => {
  const checks = new Map<string, ReturnType<typeof validator>>(
    Object.entries<TSchema>(schemas).map(([field, schema]) => [field, validator(schema)]),
  );
  const fits = (field: string, value: unknown): boolean => checks.get(field)?.(value).ok === true;
  return {
    fits,
    of: (offered) =>
      Object.fromEntries(
        Object.entries<unknown>(offered).filter(
          ([field, value]) => value !== undefined && fits(field, value),
        ),
      ),
  };
};
