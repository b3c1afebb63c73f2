import { validator, type Validation } from '../../../domain/validation.js';
import {
  longLists,
  MOST,
  RELEASE_TYPES,
  type ListField,
  type MovieLists,
} from '../../../domain/movie/longLists.js';
import { amountIn, listIn, recordIn, textIn, type Answer } from '../answers.js';

/** Pictures of a kind: TMDb has hundreds of some, and puts those that are liked best first. */
const PICTURES = 25;

const checks: {
  readonly [Field in ListField]: (value: unknown) => Validation<NonNullable<MovieLists[Field]>>;
} = {
  cast: validator(longLists.cast),
  crew: validator(longLists.crew),
  videos: validator(longLists.videos),
  images: validator(longLists.images),
  releases: validator(longLists.releases),
};

/**
 * The members that a list can hold, the first of them where there are too many; `undefined` where there are none.
 * A member of which a field does not fit, such as a character of 2,000 letters, is kept without it if it can be.
 */
const listOf = <Field extends ListField>(
  field: Field,
  members: readonly Readonly<Record<string, unknown>>[],
  required: readonly string[],
): MovieLists[Field] | undefined => {
  const check = checks[field];
  const fits = (member: object): boolean => check([member]).ok;
  const list = members.flatMap((member) => {
    const told = Object.entries(member).filter(([, value]) => value !== undefined);
    const whole = Object.fromEntries(told);
    if (fits(whole)) return [whole];
    const least = Object.fromEntries(told.filter(([name]) => required.includes(name)));
    return fits(least) ? [least] : [];
  });
  if (list.length === 0) return undefined;
  const checked = check(list.slice(0, MOST[field]));
  return checked.ok ? checked.value : undefined;
};

const person = (one: Answer) => ({ name: textIn(one, 'name'), tmdbId: amountIn(one, 'id') });

/** Billed first to last; the same person in two roles is there twice. */
export const castIn = (credits: Answer): MovieLists['cast'] =>
  listOf(
    'cast',
    listIn(credits, 'cast')
      .map((one, nth) => ({ one, order: typeof one.order === 'number' ? one.order : nth }))
      .sort((one, other) => one.order - other.order)
      .map(({ one }) => ({ ...person(one), character: textIn(one, 'character') })),
    ['name'],
  );

export const crewIn = (credits: Answer): MovieLists['crew'] =>
  listOf(
    'crew',
    listIn(credits, 'crew').map((one) => ({
      ...person(one),
      job: textIn(one, 'job'),
      department: textIn(one, 'department'),
    })),
    ['name', 'job'],
  );

export const videosIn = (answer: Answer): MovieLists['videos'] =>
  listOf(
    'videos',
    listIn(recordIn(answer, 'videos'), 'results').map((video) => ({
      site: textIn(video, 'site'),
      key: textIn(video, 'key'),
      name: textIn(video, 'name'),
      type: textIn(video, 'type'),
      language: textIn(video, 'iso_639_1'),
      official: typeof video.official === 'boolean' ? video.official : undefined,
      publishedAt: instantIn(video, 'published_at'),
    })),
    ['site', 'key'],
  );

export const imagesIn = (answer: Answer): MovieLists['images'] => {
  const images = recordIn(answer, 'images');
  const kinds = [
    ['poster', 'posters'],
    ['backdrop', 'backdrops'],
    ['logo', 'logos'],
  ] as const;
  return listOf(
    'images',
    kinds.flatMap(([kind, field]) =>
      listIn(images, field)
        .slice(0, PICTURES)
        .map((picture) => ({
          kind,
          path: textIn(picture, 'file_path'),
          language: textIn(picture, 'iso_639_1'),
          width: amountIn(picture, 'width'),
          height: amountIn(picture, 'height'),
        })),
    ),
    ['kind', 'path'],
  );
};

export const releasesIn = (answer: Answer): MovieLists['releases'] =>
  listOf(
    'releases',
    listIn(recordIn(answer, 'release_dates'), 'results').flatMap((there) =>
      listIn(there, 'release_dates').map((release) => ({
        country: textIn(there, 'iso_3166_1'),
        date: textIn(release, 'release_date')?.slice(0, 10),
        type: RELEASE_TYPES[(amountIn(release, 'type') ?? 0) - 1],
        certification: textIn(release, 'certification'),
        note: textIn(release, 'note'),
      })),
    ),
    ['country', 'date', 'type'],
  );

/** A moment, which TMDb writes in UTC. */
const instantIn = (answer: Answer, field: string): string | undefined => {
  const moment = new Date(textIn(answer, field) ?? Number.NaN);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
};
