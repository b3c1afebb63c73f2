import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import type { EventType } from '../../src/domain/eventType.js';
import { eventTypes } from '../../src/domain/eventTypes.js';
import { movieDecider } from '../../src/domain/movie/movie.js';
import { validator } from '../../src/domain/validation.js';

const types: Readonly<Record<string, EventType>> = eventTypes;

interface Stored {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Events as they were stored when their type had an older version. */
const fixtures = new URL('../fixtures/events/', import.meta.url);
const stored = readdirSync(fixtures).map(
  (name) => JSON.parse(readFileSync(new URL(name, fixtures), 'utf8')) as Stored,
);

const upcast = ({ type, schemaVersion, data }: Stored): Readonly<Record<string, unknown>> => {
  let upcasted = data;
  for (let version = schemaVersion; version < (types[type]?.version ?? 0); version += 1) {
    upcasted = types[type]?.upcasters[version]?.(upcasted) ?? {};
  }
  return upcasted;
};

describe('Types of events', () => {
  for (const [name, { version, upcasters, schema }] of Object.entries(types)) {
    it(`${name} has an upcaster, and a stored example, for every old version`, () => {
      const old = Array.from({ length: version - 1 }, (_, before) => before + 1);
      expect(Object.keys(upcasters).map(Number)).to.deep.equal(old);
      const examples = stored.filter(({ type }) => type === name);
      expect(examples.map(({ schemaVersion }) => schemaVersion)).to.include.members(old);
      for (const example of examples) {
        expect(validator(schema)(upcast(example))).to.have.property('ok', true);
      }
    });
  }

  it('a film imported under version 1 has its genres as a list and its running time in minutes', () => {
    const [event] = stored.filter(({ type }) => type === 'MovieImported');
    expect(event && upcast(event)).to.deep.equal({
      movieId: '0b5f7b7e-6a0c-5d5e-9d0f-3c1f9b9f5a11',
      title: 'The Matrix',
      sortTitle: 'Matrix, The',
      releaseDate: '1999-03-31',
      year: 1999,
      runtimeMinutes: 136,
      genres: ['Action', 'Science Fiction'],
      tmdbId: 603,
    });
  });

  it('version 1 of an imported film may be without genres and running time', () => {
    const upcaster = eventTypes.MovieImported.upcasters[1];
    expect(upcaster?.({ title: 'Untitled', genres: '' })).to.deep.equal({ title: 'Untitled' });
    expect(upcaster?.({ title: 'M', genres: 'Crime|', runtime: 99 })).to.deep.equal({
      title: 'M',
      genres: ['Crime'],
      runtimeMinutes: 99,
    });
  });

  it('a decider goes on from an old event as from a new one', () => {
    const [event] = stored.filter(({ type }) => type === 'MovieImported');
    const data = event && validator(eventTypes.MovieImported.schema)(upcast(event));
    expect(data).to.have.property('ok', true);
    if (!data?.ok) return;
    const state = movieDecider.evolve(movieDecider.initialState, {
      type: 'MovieImported',
      data: data.value,
    });
    const again = movieDecider.decide(
      {
        type: 'RefreshMovieMetadata',
        data: {
          movieId: data.value.movieId,
          source: 'tmdb',
          changes: { genres: ['Action', 'Science Fiction'], runtimeMinutes: 136 },
        },
        context: { now: '2026-02-06T20:00:00.000Z', movieId: data.value.movieId },
      },
      state,
    );
    expect(again).to.deep.equal({ accepted: [] });
  });
});
