export const tables = `
  create table movies (
    movie_id uuid primary key,
    status text not null check (status in ('live', 'removed')),
    library_id uuid,
    title text not null,
    -- what titles are sorted by, byte by byte
    sort_key text collate "C" not null,
    -- all titles as they are searched, and the pieces by which they are found: made by the code, so that no locale
    -- and no extension of the database has a part in it
    names text[] not null,
    grams tsvector not null,
    votes integer not null,
    release_date date,
    year integer,
    runtime_minutes integer,
    community_rating double precision,
    genres text[] not null,
    countries text[] not null,
    language text,
    details json not null,
    -- videos, images and releases: what is asked for apart
    lists json not null,
    locked text[] not null,
    -- where the film can be had
    file json,
    has_file boolean not null,
    -- the pictures that are stored, by kind
    artwork json not null,
    revision integer not null,
    added_at timestamptz(3) not null,
    updated_at timestamptz(3) not null
  );
  create index movies_by_title on movies (sort_key, movie_id) where status = 'live';
  -- What is not known of a film comes last in either order: an index for each.
  create index movies_by_year on movies ((coalesce(year, 0)), movie_id) where status = 'live';
  create index movies_by_year_up on movies ((coalesce(year, 32767)), movie_id) where status = 'live';
  create index movies_by_release on movies ((coalesce(release_date, '0001-01-01')), movie_id)
    where status = 'live';
  create index movies_by_release_up on movies ((coalesce(release_date, '9999-12-31')), movie_id)
    where status = 'live';
  create index movies_by_rating on movies ((coalesce(community_rating, -1)), movie_id)
    where status = 'live';
  create index movies_by_rating_up on movies ((coalesce(community_rating, 11)), movie_id)
    where status = 'live';
  create index movies_by_runtime on movies ((coalesce(runtime_minutes, 0)), movie_id)
    where status = 'live';
  create index movies_by_runtime_up on movies ((coalesce(runtime_minutes, 32767)), movie_id)
    where status = 'live';
  create index movies_by_file_source on movies ((file ->> 'source')) where has_file;
  create index movies_by_added on movies (added_at, movie_id) where status = 'live';
  create index movies_by_genre on movies using gin (genres);
  -- What is not in the index yet is read by every search: not for long.
  create index movies_by_grams on movies using gin (grams) with (gin_pending_list_limit = 128);

  create table credits (
    movie_id uuid not null,
    nth integer not null,
    part text not null check (part in ('cast', 'crew')),
    person_id uuid not null,
    tmdb_id integer,
    name text not null,
    character text,
    department text,
    job text,
    primary key (movie_id, nth)
  );
  create index credits_by_person on credits (person_id, movie_id);
`;
