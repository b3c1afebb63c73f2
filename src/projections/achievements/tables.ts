import type { Counters } from '../../domain/achievements/counters.js';
import type { Runs } from '../../domain/streaks/runs.js';
import type { WatchedWhen } from '../../domain/viewing/events.js';
import { table } from '../engine/tables/table.js';

/** Kinds whose number of distinct names is a counter. */
type DistinctKind = 'genre' | 'decade' | 'country' | 'active';
/** Kinds whose largest is a counter. */
export type SizedKind = 'date' | 'director' | 'title';
export type AmountKind = DistinctKind | Exclude<SizedKind, 'title'>;

/** For each kind, how many of its things have at least size 1, 2, 3 and so on. */
export type Sizes = Readonly<Record<SizedKind, readonly number[]>>;

export interface PersonRow {
  readonly user_id: string;
  readonly counters: Counters;
  readonly sizes: Sizes;
}

/** Apart from the rest, because it is long and changes at most once a day. */
export interface ActiveDaysRow {
  readonly user_id: string;
  readonly runs: Runs;
}

export interface AmountRow {
  readonly user_id: string;
  readonly kind: string;
  readonly name: string;
  readonly amount: number;
}

export interface EarnedRow {
  readonly user_id: string;
  readonly achievement: string;
  readonly earned_at: Date;
  readonly title_id: string;
  readonly play_id: string | null;
  readonly watched: WatchedWhen | null;
  readonly retroactive: boolean;
  readonly rule_version: number;
  readonly seen_at: Date | null;
}

export const peopleTable = table<PersonRow>('people', ['user_id']);
export const activeDaysTable = table<ActiveDaysRow>('active_days', ['user_id']);
export const amountsTable = table<AmountRow>('amounts', ['user_id', 'kind', 'name']);
export const earnedTable = table<EarnedRow>('earned', ['user_id', 'achievement']);

export const tables = `
  create table people (
    user_id uuid primary key,
    counters json not null,
    -- how many things have reached each size, to know the largest after one shrinks
    sizes json not null
  );
  create table active_days (
    user_id uuid primary key,
    runs json not null
  );
  -- How many counted plays (genre, decade, country, active day) or distinct films (director, date)
  -- each thing has.
  create table amounts (
    user_id uuid not null,
    kind text collate "C" not null,
    name text not null,
    amount integer not null,
    primary key (user_id, kind, name)
  );
  create table earned (
    user_id uuid not null,
    achievement text not null,
    earned_at timestamptz(3) not null,
    title_id uuid not null,
    play_id uuid,
    watched json,
    retroactive boolean not null,
    rule_version integer not null,
    seen_at timestamptz(3),
    primary key (user_id, achievement)
  );
`;
