import { expect } from 'chai';
import type { Static, TSchema } from 'typebox';
import type { FieldError } from '../../../src/domain/validation.js';
import { validator } from '../../../src/domain/validation.js';
import { createServedReadModels } from '../../../src/infra/readModels/live/servedReadModels.js';
import type { Database } from '../../../src/infra/postgres/database.js';
import type { Asker, Query } from '../../../src/queries/query.js';
import { personId } from '../histories/viewingEvents.js';

/** Somebody who asks, by name as `viewingOf` has them; a fortnight after the events of `recorded`. */
export const asker = (
  person: string,
  {
    now = '2026-10-15T12:00:00.000Z',
    zone = 'UTC',
    dayEndsAt,
  }: { now?: string; zone?: string; dayEndsAt?: string } = {},
): Asker => ({ userId: personId(person), zone, dayEndsAt, now: new Date(now) });

/** Parameters that the query's schema does not allow. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed';
  constructor(readonly errors: readonly FieldError[]) {
    super(errors.map(({ field, message }) => `${field} ${message}`).join(', '));
  }
}

/**
 * Asks a query of the database's read models, past the cache, with parameters as a query string has them.
 * The answer must be what the query's schema says.
 */
export const asking = <Parameters extends TSchema, Answer extends TSchema>(
  query: Query<Parameters, Answer>,
  database: () => Database,
) => {
  const check = validator(query.parameters, { coerce: true });
  const checkAnswer = validator(query.answer);
  return async (
    given: Readonly<Record<string, string>> = {},
    who: Asker = asker('Ada'),
  ): Promise<Static<Answer>> => {
    const parameters = check({ ...given });
    if (!parameters.ok) throw new NotAllowed(parameters.errors);
    const answer = await query.read(
      parameters.value,
      who,
      createServedReadModels(database()).now(),
    );
    if (answer === undefined) throw new Error(`${query.name}: there is no such thing`);
    expect(checkAnswer(answer)).to.deep.equal({ ok: true, value: answer });
    return answer;
  };
};
