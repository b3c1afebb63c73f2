import { movieDetails, type MovieDetails, type MovieField } from '../../domain/movie/events.js';
import { validator } from '../../domain/validation.js';

const checks = new Map(
  Object.entries(movieDetails).map(([field, schema]) => [field, validator(schema)] as const),
);

/** Whether a field of a film can hold a value. */
export const fits = (field: MovieField, value: unknown): boolean =>
  checks.get(field)?.(value).ok === true;

/**
 * What a provider says of a film without what a field cannot hold: negative amounts, the date "0000-00-00", a title of
 * 2,000 letters.
 * @returns `undefined` where there is not so much as a title
 */
export const soundDetails = (
  offered: Readonly<Partial<Record<MovieField, unknown>>>,
): MovieDetails | undefined => {
  const details = Object.fromEntries(
    Object.entries(offered).filter(
      ([field, value]) => value !== undefined && fits(field as MovieField, value),
    ),
  );
  return isDetails(details) ? details : undefined;
};

/** Each field was checked; the title alone has to be there. */
const isDetails = (details: object): details is MovieDetails => 'title' in details;
