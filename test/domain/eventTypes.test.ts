import { expect } from 'chai';
import fc from 'fast-check';
import type { EventType } from '../../src/domain/eventType.js';
import { eventTypes } from '../../src/domain/eventTypes.js';
import { movieDecider } from '../../src/domain/movie/movie.js';
import { validator } from '../../src/domain/validation.js';
import {
  storedExamples,
  versionsWithoutExample,
  type StoredExample,
} from '../support/histories/storedExamples.js';

const types: Readonly<Record<string, EventType>> = eventTypes;

type Data = Readonly<Record<string, unknown>>;

/** Fails where something writes to it. */
const frozen = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
};

const upcast = ({ type, metadata, data }: Pick<StoredExample, 'type' | 'metadata' | 'data'>) => {
  let upcasted: Data = data;
  for (let from = metadata.schemaVersion; from < (types[type]?.version ?? 0); from += 1) {
    upcasted = types[type]?.upcasters[from]?.(frozen(structuredClone(upcasted))) ?? {};
  }
  return upcasted;
};

const old = storedExamples.filter(
  ({ type, metadata }) => metadata.schemaVersion < (types[type]?.version ?? 0),
);

describe('Types of events', () => {
  it('have a stored example of every version that was ever written', () => {
    expect(versionsWithoutExample(types, storedExamples)).to.deep.equal([]);
  });

  it('would be told apart by it, were a new version to come without one', () => {
    const MovieImported = { ...eventTypes.MovieImported, version: 4 };
    expect(versionsWithoutExample({ ...types, MovieImported }, storedExamples)).to.deep.equal([
      ...['MovieImported.v3', 'MovieImported.v4'],
    ]);
  });

  it('have an upcaster from every older version, and none from any other', () => {
    for (const [name, { version, upcasters }] of Object.entries(types)) {
      const older = Array.from({ length: version - 1 }, (_, before) => before + 1);
      expect(Object.keys(upcasters).map(Number), name).to.deep.equal(older);
    }
  });

  it('take whatever part of an old event there is, say the same of it every time, and leave it as it is', () => {
    expect(old).to.have.lengthOf.above(1);
    const parts = fc.constantFrom(...old).chain((example) =>
      fc.subarray(Object.keys(example.data)).map((names) => ({
        ...example,
        data: Object.fromEntries(names.map((name) => [name, example.data[name]])),
      })),
    );
    fc.assert(
      fc.property(parts, (example) => {
        expect(upcast(example)).to.deep.equal(upcast(example));
      }),
    );
  });

  it('bring every old event to what today’s schema allows', () => {
    for (const example of old) {
      const { schema } = types[example.type] ?? eventTypes.MovieImported;
      expect(validator(schema)(upcast(example)), example.id).to.have.property('ok', true);
    }
  });

  it('a film imported under version 1 has its genres as a list and its running time in minutes', () => {
    const [event] = old.filter(({ type }) => type === 'MovieImported');
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
    const [event] = old.filter(({ type }) => type === 'MovieImported');
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
