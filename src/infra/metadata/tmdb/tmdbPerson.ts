import { PersonDetails, personDetails } from '../../../domain/person/details.js';
import { validator } from '../../../domain/validation.js';
import { textIn, type Answer } from '../answers.js';
import { fittingFields } from '../fittingFields.js';

const fields = fittingFields(personDetails);
const check = validator(PersonDetails);

/** A person from TMDb's answer, without what does not fit; `undefined` where there is not so much as a name. */
export const personOf = (tmdbId: number, answer: Answer): PersonDetails | undefined => {
  const names = Array.isArray(answer.also_known_as) ? answer.also_known_as : [];
  const known = fields.of({
    tmdbId,
    name: textIn(answer, 'name'),
    birthday: textIn(answer, 'birthday'),
    deathday: textIn(answer, 'deathday'),
    placeOfBirth: textIn(answer, 'place_of_birth'),
    biography: textIn(answer, 'biography'),
    knownForDepartment: textIn(answer, 'known_for_department'),
    imdbId: textIn(answer, 'imdb_id'),
    homepage: textIn(answer, 'homepage'),
    alsoKnownAs: names.length === 0 ? undefined : names.slice(0, 100),
    profilePath: textIn(answer, 'profile_path'),
  });
  const checked = check(known);
  return checked.ok ? checked.value : undefined;
};
