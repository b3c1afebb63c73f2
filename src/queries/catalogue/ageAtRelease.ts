import { Type } from 'typebox';
import { ageAtEvent, type Life } from '../../domain/person/ages.js';

/** How old somebody was when a film came out. */
export const ageFields = {
  ageAtRelease: Type.Optional(
    Type.Integer({ minimum: 0, description: 'In completed years, where the birthday is known.' }),
  ),
  posthumous: Type.Optional(
    Type.Boolean({ description: 'They had died by then: `ageAtRelease` is the age at which.' }),
  ),
};

/** A person's part in a film with their age at its release, where that is known (SEMANTICS D10). */
export const withAge = <Part extends object>(
  part: Part,
  life: Life,
  releaseDate: string | undefined,
  today: string,
): Part & { ageAtRelease?: number; posthumous?: boolean } => {
  const at = ageAtEvent(life, releaseDate, today);
  return at === undefined
    ? part
    : { ...part, ageAtRelease: at.age, ...(at.posthumous ? { posthumous: true } : {}) };
};
