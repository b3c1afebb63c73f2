import { PersonDetails, personDetails } from '../../../domain/person/details.js';
import { validator } from '../../../domain/validation.js';
import { textIn, type Answer } from '../answers.js';

const checks = new Map(
  Object.entries(personDetails).map(([field, schema]) => [field, validator(schema)]),
);
const check = validator(PersonDetails);

/** A person from TMDb's answer, without what does not fit; `undefined` where there is not so much as a name. */
export const personOf = (tmdbId: number, answer: Answer): PersonDetails | undefined => {
  const names = Array.isArray(answer.also_known_as) ? answer.also_known_as : [];
  const offered: Readonly<Record<keyof PersonDetails, unknown>> = {
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
  };
  const checked = check(
    Object.fromEntries(
      Object.entries(offered).filter(
        ([field, value]) => value !== undefined && checks.get(field)?.(value).ok === true,
      ),
    ),
  );
  return checked.ok ? checked.value : undefined;
};
