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
