import { expect } from 'chai';
import { ageAtEvent, ageNow, yearsBetween, type Life } from '../../../src/domain/person/ages.js';
import { wantedPeople } from '../../../src/domain/person/wantedPeople.js';

const TODAY = '2026-11-30';

describe('Completed years', () => {
  const cases: readonly (readonly [string | undefined, string | undefined, number | undefined])[] =
    [
      ['1964-09-02', '1999-03-31', 34],
      ['1964-09-02', '1999-09-01', 34],
      ['1964-09-02', '1999-09-02', 35],
      ['2000-02-29', '2001-02-28', 0],
      ['2000-02-29', '2001-03-01', 1],
      ['2000-02-29', '2004-02-29', 4],
      ['2000-01-01', '1999-12-31', undefined],
      ['1964', '1999-03-31', undefined],
      ['', '1999-03-31', undefined],
      ['0000-00-00', '1999-03-31', undefined],
      ['1964-02-30', '1999-03-31', undefined],
      ['1964-13-01', '1999-03-31', undefined],
      ['1964-09-02', '1999', undefined],
      ['1964-09-02T00:00:00Z', '1999-03-31', undefined],
      [undefined, '1999-03-31', undefined],
    ];
  for (const [birthday, date, years] of cases) {
    it(`from ${birthday} to ${date} are ${years}`, () => {
      expect(yearsBetween(birthday, date)).to.equal(years);
    });
  }
});

describe('An age at an event', () => {
  const cases: readonly (readonly [string, Life, string, ReturnType<typeof ageAtEvent>])[] = [
    ['is that of the day', { birthday: '1964-09-02' }, '1999-03-31', { age: 34 }],
    ['before birth is none', { birthday: '1964-09-02' }, '1960-01-01', undefined],
    ['yet to come is that of today', { birthday: '1964-09-02' }, '2030-01-01', { age: 62 }],
    [
      'on the day of death is no posthumous one',
      { birthday: '1926-06-01', deathday: '1962-08-04' },
      '1962-08-04',
      { age: 36 },
    ],
    [
      'after death is the age at death',
      { birthday: '1979-04-04', deathday: '2008-01-22' },
      '2008-07-16',
      { age: 28, posthumous: true },
    ],
    [
      'knows no empty deathday',
      { birthday: '1964-09-02', deathday: '' },
      '1999-03-31',
      { age: 34 },
    ],
    [
      'does not believe in a death before birth',
      { birthday: '1964-09-02', deathday: '1950-01-01' },
      '1999-03-31',
      { age: 34 },
    ],
  ];
  for (const [title, life, event, age] of cases) {
    it(title, () => {
      expect(ageAtEvent(life, event, TODAY)).to.deep.equal(age);
    });
  }

  it('now is one, or that at death, or neither', () => {
    expect(ageNow({ birthday: '1964-09-02' }, TODAY)).to.deep.equal({
      ...{ currentAge: 62, ageAtDeath: null },
    });
    expect(ageNow({ birthday: '1926-06-01', deathday: '1962-08-04' }, TODAY)).to.deep.equal({
      ...{ currentAge: null, ageAtDeath: 36 },
    });
    expect(ageNow({ deathday: '1962-08-04' }, TODAY)).to.deep.equal({
      ...{ currentAge: null, ageAtDeath: null },
    });
  });
});

describe('The people whose ages are wanted', () => {
  it('are directors, writers, then the cast by billing, then others; each once, at their best', () => {
    const cast = Array.from({ length: 27 }, (_, nth) => ({
      name: `Actor ${nth}`,
      tmdbId: 100 + nth,
    }));
    const crew = [
      { name: 'Grip', job: 'Grip', tmdbId: 1 },
      { name: 'Writer', job: 'Screenplay', tmdbId: 2 },
      { name: 'Actor 26', job: 'Director', tmdbId: 126 },
      { name: 'Nobody', job: 'Director' },
      { name: 'Writer', job: 'Producer', tmdbId: 2 },
    ];
    expect(wantedPeople({ cast, crew })).to.deep.equal([
      ...[126, 2],
      ...Array.from({ length: 26 }, (_, nth) => 100 + nth),
      1,
    ]);
  });
});
