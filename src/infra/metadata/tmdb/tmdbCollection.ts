import {
  CollectionDetails,
  CollectionPart,
  collectionDetails,
  MOST_PARTS,
} from '../../../domain/collection/events.js';
import { validator } from '../../../domain/validation.js';
import { amountIn, listIn, textIn, type Answer } from '../answers.js';
import { fittingFields } from '../fittingFields.js';

const fields = fittingFields(collectionDetails);
const checkPart = validator(CollectionPart);
const check = validator(CollectionDetails);

/**
 * A collection from TMDb's answer, without what does not fit.
 * @returns `undefined` where there is not so much as a name, or no list of films
 */
export const collectionOf = (tmdbId: number, answer: Answer): CollectionDetails | undefined => {
  if (!Array.isArray(answer.parts)) return undefined;
  const known = fields.of({
    tmdbId,
    name: textIn(answer, 'name') ?? textIn(answer, 'original_name'),
    overview: textIn(answer, 'overview'),
    posterPath: textIn(answer, 'poster_path'),
    backdropPath: textIn(answer, 'backdrop_path'),
  });
  const checked = check({ ...known, parts: partsIn(answer) });
  return checked.ok ? checked.value : undefined;
};

/** The films, each once. Their titles are called names by the API's description, titles by its answers. */
const partsIn = (answer: Answer): readonly CollectionPart[] => {
  const parts = listIn(answer, 'parts').flatMap((film) => {
    const tmdbId = amountIn(film, 'id');
    const title = ['title', 'name', 'original_title', 'original_name']
      .map((field) => textIn(film, field))
      .find((text) => text !== undefined);
    const releaseDate = textIn(film, 'release_date');
    for (const part of [
      { tmdbId, title, releaseDate },
      { tmdbId, title },
    ]) {
      const checked = checkPart(JSON.parse(JSON.stringify(part)));
      if (checked.ok) return [checked.value];
    }
    return [];
  });
  return [...new Map(parts.map((part) => [part.tmdbId, part])).values()].slice(0, MOST_PARTS);
};
