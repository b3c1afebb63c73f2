/** Sums are kept by person and period, so that reading them costs the same whatever the history's length. */
export const tables = `
  create table title_plays (
    user_id uuid not null,
    title_id uuid not null,
    plays json not null,
    primary key (user_id, title_id)
  );
  create table totals (
    user_id uuid not null,
    -- 'all', '2026' or '2026-02'
    period text collate "C" not null,
    plays integer not null,
    titles integer not null,
    minutes integer not null,
    minutes_estimated integer not null,
    undated integer not null,
    primary key (user_id, period)
  );
  create table tallies (
    user_id uuid not null,
    period text collate "C" not null,
    kind text collate "C" not null,
    name text collate "C" not null,
    plays integer not null,
    minutes integer not null,
    primary key (user_id, period, kind, name)
  );
  create index tallies_by_minutes on tallies (user_id, period, kind, minutes desc, name);
  create table days (
    user_id uuid not null,
    local_date date not null,
    plays integer not null,
    minutes integer not null,
    primary key (user_id, local_date)
  );
  create index days_by_minutes on days (user_id, minutes desc, local_date);
`;
