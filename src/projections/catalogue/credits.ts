import type { MovieLists } from '../../domain/movie/longLists.js';
import { personIdOf } from '../../domain/person/personId.js';
import { table } from '../engine/tables/table.js';

/** What one person does in one film. */
interface CreditRow {
  readonly movie_id: string;
  /** In the order of billing; all of the cast come before the crew. */
  readonly nth: number;
  readonly part: 'cast' | 'crew';
  readonly person_id: string;
  readonly tmdb_id: number | null;
  readonly name: string;
  readonly character: string | null;
  readonly department: string | null;
  readonly job: string | null;
}

export const creditsTable = table<CreditRow>('credits', ['movie_id', 'nth']);

/** The rows of a film's credits. */
export const rolesOf = (
  movie_id: string,
  { cast = [], crew = [] }: Pick<MovieLists, 'cast' | 'crew'>,
): readonly CreditRow[] => [
  ...cast.map((member, nth) => ({
    movie_id,
    nth,
    part: 'cast' as const,
    person_id: personIdOf(member),
    tmdb_id: member.tmdbId ?? null,
    name: member.name,
    character: member.character ?? null,
    department: null,
    job: null,
  })),
  ...crew.map((member, nth) => ({
    movie_id,
    nth: cast.length + nth,
    part: 'crew' as const,
    person_id: personIdOf(member),
    tmdb_id: member.tmdbId ?? null,
    name: member.name,
    character: null,
    department: member.department ?? null,
    job: member.job,
  })),
];
