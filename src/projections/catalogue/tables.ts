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
  create index movies_by_file_source on movies ((file ->> 'source')) where has_file;
  -- What is not in such an index yet is read by every search: not for long.
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
  -- What the films that are not removed are listed by, and nothing else: lists read much of it, and little of the rest.
  create table listed (
    movie_id uuid primary key,
    library_id uuid,
    collection_id uuid,
    added_at timestamptz(3) not null,
    -- what titles are sorted by, byte by byte
    sort_key text collate "C" not null,
    votes integer not null,
    year integer,
    release_date date,
    runtime_minutes integer,
    community_rating double precision,
    language text,
    genres text[] not null,
    countries text[] not null,
    has_file boolean not null,
    -- names as they are compared
    studio_keys text[] not null,
    keyword_keys text[] not null
  );
  create index listed_by_title on listed (sort_key, movie_id);
  -- What is not known of a film comes last in either order: an index for each.
  create index listed_by_year on listed ((coalesce(year, 0)), movie_id);
  create index listed_by_year_up on listed ((coalesce(year, 32767)), movie_id);
  create index listed_by_release on listed ((coalesce(release_date, '0001-01-01')), movie_id);
  create index listed_by_release_up on listed ((coalesce(release_date, '9999-12-31')), movie_id);
  create index listed_by_rating on listed ((coalesce(community_rating, -1)), movie_id);
  create index listed_by_rating_up on listed ((coalesce(community_rating, 11)), movie_id);
  create index listed_by_runtime on listed ((coalesce(runtime_minutes, 0)), movie_id);
  create index listed_by_runtime_up on listed ((coalesce(runtime_minutes, 32767)), movie_id);
  create index listed_by_added on listed (added_at, movie_id);
  create index listed_by_genre on listed using gin (genres) with (gin_pending_list_limit = 128);
  create index listed_by_studio on listed using gin (studio_keys) with (gin_pending_list_limit = 128);
  create index listed_by_keyword on listed using gin (keyword_keys) with (gin_pending_list_limit = 128);
  create index listed_by_country on listed using gin (countries) with (gin_pending_list_limit = 128);
  create index listed_by_language on listed (language);
  create index listed_by_collection on listed (collection_id) where collection_id is not null;

  -- How many films there are of each studio and keyword, by its spelling.
  create table name_counts (
    kind text not null,
    key text collate "C" not null,
    name text collate "C" not null,
    movies integer not null,
    primary key (kind, key, name)
  );

  -- What titles of films that are not removed go on with from each of their words: for what is being typed.
  create table title_starts (
    start text collate "C" not null,
    movie_id uuid not null,
    -- 0 the whole title, 1 a word within
    place smallint not null,
    votes integer not null,
    primary key (start, movie_id)
  );
  -- So many titles begin with a few letters that those that are shown have to be found in their order.
  create index title_starts_by_1 on title_starts (left(start, 1), place, votes desc, movie_id);
  create index title_starts_by_2 on title_starts (left(start, 2), place, votes desc, movie_id);
  create index title_starts_by_3 on title_starts (left(start, 3), place, votes desc, movie_id);

  -- The people of films that are not removed, by each of their names, and the pieces by which they are found.
  create table people_names (
    person_id uuid not null,
    name text collate "C" not null,
    grams tsvector not null,
    movies integer not null,
    primary key (person_id, name)
  );
  create index people_names_by_grams on people_names using gin (grams) with (gin_pending_list_limit = 512);
`;
