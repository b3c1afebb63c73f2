import { expect } from 'chai';
import fc from 'fast-check';
import type { MovieCommand, MovieContext } from '../../../src/domain/movie/commands.js';
import type { MovieChanges, MovieDetails, MovieField } from '../../../src/domain/movie/events.js';
import { isListField } from '../../../src/domain/movie/longLists.js';
import { movieDecider, type MovieState } from '../../../src/domain/movie/movie.js';
import { keepsTheLaws, lawsOf } from '../../support/deciders/deciderLaws.js';
import { stepsWith } from '../../support/deciders/deciderSteps.js';
import { NOW } from '../../support/histories/viewingCommands.js';
import { filmId } from '../../support/histories/viewingEvents.js';

const stepsOf = stepsWith(movieDecider);
type Step = ReturnType<typeof stepsOf>[number];

const movieId = filmId('The Matrix');
const context: MovieContext = { now: NOW, movieId };

/** Few values each, so that fields are told again, and values that follow from others. */
const values = {
  title: fc.constantFrom('The Matrix', 'Die Welle', '  A   Film ', 'Heat'),
  sortTitle: fc.constantFrom('Matrix, The', 'Matrix 1', 'Welle, Die'),
  releaseDate: fc.constantFrom('1999-03-31', '2001-01-01', '1860-01-01'),
  year: fc.constantFrom(1998, 1999, 2001),
  runtimeMinutes: fc.constantFrom(136, 137),
  originalLanguage: fc.constantFrom('en', 'de'),
  alternativeTitles: fc.constantFrom<string[]>([], ['Matrix'], ['Matrix', 'Heat']),
  genres: fc.constantFrom<string[]>([], ['Action'], ['Action', 'Drama'], ['Drama', 'Action']),
  cast: fc.constantFrom<{ name: string; character?: string }[]>(
    [{ name: 'Keanu Reeves', character: 'Neo' }],
    [{ character: 'Neo', name: 'Keanu Reeves' }],
    [{ name: 'Keanu Reeves' }],
  ),
} as const;
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 4 });
const details: fc.Arbitrary<MovieDetails> = fc.record(values, { requiredKeys: ['title'] });
const changes: fc.Arbitrary<MovieChanges> = fc
  .record(
    {
      title: values.title,
      sortTitle: orNull(values.sortTitle),
      releaseDate: orNull(values.releaseDate),
      year: orNull(values.year),
      runtimeMinutes: orNull(values.runtimeMinutes),
      originalLanguage: orNull(values.originalLanguage),
      alternativeTitles: orNull(values.alternativeTitles),
      genres: orNull(values.genres),
      cast: orNull(values.cast),
    },
    { requiredKeys: [] },
  )
  .filter((told) => Object.keys(told).length > 0);

const command: fc.Arbitrary<MovieCommand> = fc.oneof(
  {
    weight: 3,
    arbitrary: details.map((data): MovieCommand => ({ type: 'ImportMovie', data, context })),
  },
  {
    weight: 4,
    arbitrary: changes.map((told): MovieCommand => ({
      type: 'EditMovieDetails',
      data: { movieId, changes: told },
      context,
    })),
  },
  {
    weight: 4,
    arbitrary: changes.map((told): MovieCommand => ({
      type: 'RefreshMovieMetadata',
      data: { movieId, source: 'tmdb', changes: told },
      context,
    })),
  },
  {
    weight: 2,
    arbitrary: fc
      .subarray(['title', 'sortTitle', 'year', 'genres', 'runtimeMinutes'] as const, {
        minLength: 1,
      })
      .map((fields): MovieCommand => ({
        type: 'UnlockFields',
        data: { movieId, fields },
        context,
      })),
  },
  fc
    .constantFrom('RemoveMovie' as const, 'RestoreMovie' as const, 'RestoreMovie' as const)
    .map((type): MovieCommand => ({ type, data: { movieId }, context })),
);

const commands = fc
  .tuple(details, fc.array(command, { maxLength: 15 }))
  .map(([data, others]): MovieCommand[] => [{ type: 'ImportMovie', data, context }, ...others]);
const lawOf = lawsOf(movieDecider, commands);
const detailsOf = (step: Step): MovieDetails | undefined =>
  step.after.status === 'absent' ? undefined : step.after.details;

/** Of a long list, what stands for it. */
const valueOf = (state: MovieState, field: MovieField): unknown =>
  state.status === 'absent'
    ? undefined
    : isListField(field)
      ? state.lists[field]
      : state.details[field];

describe('What becomes of a film, whatever it is,', () => {
  keepsTheLaws(movieDecider, lawOf, { RemoveMovie: 'refused' });

  it('has a title and what follows from it, always', () => {
    lawOf((steps) => {
      for (const step of steps) {
        const film = detailsOf(step);
        expect(film?.title.trim()).to.equal(film?.title);
        expect(film?.sortTitle).to.be.a('string');
      }
    });
  });

  it('is never overwritten by metadata where a person edited it', () => {
    lawOf((steps) => {
      for (const step of steps) {
        const { command: told, before } = step;
        if (before.status === 'absent') continue;
        if (told.type !== 'RefreshMovieMetadata' && told.type !== 'ImportMovie') continue;
        for (const field of before.locked) {
          expect(valueOf(step.after, field), field).to.deep.equal(valueOf(before, field));
        }
      }
    });
  });

  it('is as it was when it is removed and restored', () => {
    lawOf((steps) => {
      const state = steps.at(-1)?.after;
      if (state?.status !== 'live') return;
      const undone = stepsOf(
        [
          { type: 'RemoveMovie', data: { movieId }, context },
          { type: 'RestoreMovie', data: { movieId }, context },
        ],
        state,
      );
      expect(undone.map(({ events }) => events.length)).to.deep.equal([1, 1]);
      expect(undone.at(-1)?.after).to.deep.equal(state);
    });
  });
});
