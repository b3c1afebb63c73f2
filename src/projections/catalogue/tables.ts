export const tables = `
  create table movies (
    movie_id uuid primary key,
    status text not null check (status in ('live', 'removed')),
    library_id uuid,
    title text not null,
    -- the sort title as it is ordered: no case, no diacritics
    sort_key text collate "C" not null,
    -- title and original title as they are searched
    search_text text not null,
    release_date date,
    year integer,
    runtime_minutes integer,
    community_rating double precision,
    genres text[] not null,
    countries text[] not null,
    language text,
    details json not null,
    locked text[] not null,
    revision integer not null,
    added_at timestamptz(3) not null,
    updated_at timestamptz(3) not null
  );
  create index movies_by_title on movies (sort_key, movie_id) where status = 'live';
  create index movies_by_year on movies (year, movie_id) where status = 'live';
  create index movies_by_rating on movies (community_rating, movie_id) where status = 'live';
  create index movies_by_added on movies (added_at, movie_id) where status = 'live';
  create index movies_by_genre on movies using gin (genres);
  create index movies_by_search_text on movies using gin (search_text gin_trgm_ops);
`;
