import { movieDetails, type MovieDetails, type MovieField } from '../../domain/movie/events.js';
import { LIST_FIELDS, type ListField } from '../../domain/movie/longLists.js';
import { fittingFields } from './fittingFields.js';

const fields = fittingFields(movieDetails);

/** Whether a field of a film can hold a value. */
export const { fits } = fields;

/**
 * What a provider says of a film without what a field cannot hold: negative amounts, the date "0000-00-00", a title of
 * 2,000 letters.
 * @returns `undefined` where there is not so much as a title
 */
export const soundDetails = (
  offered: Readonly<Partial<Record<MovieField, unknown>>>,
): MovieDetails | undefined => {
  const details = fields.of(offered);
  return isDetails(details) ? withinBounds(details) : undefined;
};

/** An event takes at most 512 KiB, with what else it says: EventStoreDB takes 1 MiB an append. */
const MOST_BYTES = 500 * 1024;

const bytesOf = (value: object): number => Buffer.byteLength(JSON.stringify(value));

/** Without the ends of the longest lists, where they are too long together for one event. */
const withinBounds = (details: MovieDetails): MovieDetails => {
  if (bytesOf(details) <= MOST_BYTES) return details;
  const sizeOf = (field: ListField): number => bytesOf(details[field] ?? []);
  const [longest] = LIST_FIELDS.toSorted((a, b) => sizeOf(b) - sizeOf(a));
  const list = longest && details[longest];
  // All else that a film can say is shorter.
  if (!list || list.length === 0) return details;
  return withinBounds({ ...details, [longest]: list.slice(0, Math.floor(list.length / 2)) });
};

/** Each field was checked; the title alone has to be there. */
const isDetails = (details: object): details is MovieDetails => 'title' in details;
