export const tables = `
  create table movies (
    movie_id uuid primary key,
    status text not null check (status in ('live', 'removed')),
    library_id uuid,
    title text not null,
    -- the sort title as it is ordered: no case, no diacritics
    sort_key text collate "C" not null,
    -- all of its titles as they are searched
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
  create index movies_by_added on movies (added_at, movie_id) where status = 'live';
  create index movies_by_genre on movies using gin (genres);
  create index movies_by_search_text on movies using gin (search_text gin_trgm_ops);

  -- The films with a word that is two letters from the one wanted ("alein"): such a swap leaves a short word a
  -- fifth of its trigrams alone.
  create function titles_meant(word text) returns setof uuid language sql stable
    set pg_trgm.word_similarity_threshold = 0.2
    begin atomic
      select movie_id from movies
      where status = 'live' and word <% search_text
        and exists (
          select from unnest(string_to_array(search_text, ' ')) as there (word)
          where levenshtein_less_equal(left(there.word, 255), titles_meant.word, 2) <= 2
        );
    end;

  -- The films whose title holds these words or some like them, or failing that the word that may be meant.
  -- Functions, because how alike is enough can be said to the index by a setting alone: 0.4 finds "matrx" and
  -- "amelei", and not all that begins alike.
  create function titles_like(wanted text) returns setof uuid language sql stable
    set pg_trgm.word_similarity_threshold = 0.4
    begin atomic
      with found as materialized (
        select movie_id from movies
        where status = 'live' and (search_text like '%' || wanted || '%' or wanted <% search_text)
      )
      select movie_id from found
      union all
      select meant from titles_meant(wanted) as meant
      where length(wanted) between 4 and 30 and not exists (select from found);
    end;
`;
