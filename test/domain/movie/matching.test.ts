import { expect } from 'chai';
import { confidenceOf, matchOf } from '../../../src/domain/movie/matching.js';

describe('Which film is meant', () => {
  const heat = { title: 'Heat', year: 1995, imdbId: 'tt0113277' };

  for (const [what, wanted, confidence] of [
    ['by its IMDb id, whatever it is called', { title: 'Warmte', imdbId: 'tt0113277' }, 1],
    ['not by another IMDb id', { title: 'Heat', year: 1995, imdbId: 'tt0093164' }, 0],
    ['by title and year', { title: 'heat', year: 1995 }, 0.95],
    ['by title and the year after', { title: 'Heat', year: 1996 }, 0.85],
    ['by title alone, less surely', { title: 'HEAT!' }, 0.75],
    ['not by the title of a remake', { title: 'Heat', year: 1986 }, 0],
    ['not by half of the title', { title: 'Heat 2', year: 1995 }, 0],
  ] as const) {
    it(`is told ${what}`, () => {
      expect(confidenceOf(wanted, heat)).to.equal(confidence);
    });
  }

  it('is told by its original title, too', () => {
    const amelie = {
      title: 'Amélie',
      originalTitle: "Le Fabuleux Destin d'Amélie Poulain",
      year: 2001,
    };
    expect(
      confidenceOf({ title: 'le fabuleux destin d’amelie poulain', year: 2001 }, amelie),
    ).to.equal(0.95);
  });

  it('is the likeliest of several', () => {
    const films = [{ ...heat, year: 1994 }, heat];
    expect(matchOf({ title: 'Heat', year: 1995 }, films)).to.deep.equal({
      film: heat,
      confidence: 1 - 0.05,
    });
  });

  it('is none where two are as likely, or none is likely', () => {
    const films = [heat, { title: 'Heat', year: 1986 }];
    expect(matchOf({ title: 'Heat' }, films)).to.equal(undefined);
    expect(matchOf({ title: 'Thief', year: 1981 }, films)).to.equal(undefined);
    expect(matchOf({ title: 'Heat' }, [])).to.equal(undefined);
  });
});
