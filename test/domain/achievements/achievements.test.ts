import { expect } from 'chai';
import {
  achievements,
  progressOf,
  reached,
} from '../../../src/domain/achievements/achievements.js';
import { noCounters } from '../../../src/domain/achievements/counters.js';

/** Of SEMANTICS D5 and DOMAIN "Achievements": what films can earn, and what it takes. */
const targets: Readonly<Record<string, number>> = {
  opening_credits: 1,
  century_club: 100,
  'genre_explorer:bronze': 5,
  'genre_explorer:silver': 10,
  'genre_explorer:gold': 15,
  critics_pick: 10,
  time_traveler: 5,
  night_owl: 1,
  early_bird: 1,
  'films:10': 10,
  'films:50': 50,
  'films:250': 250,
  'films:500': 500,
  'films:1000': 1000,
  'hours:24': 24,
  'hours:100': 100,
  'hours:500': 500,
  'hours:1000': 1000,
  'streak:3': 3,
  'streak:7': 7,
  'streak:30': 30,
  'streak:100': 100,
  'streak:365': 365,
  'countries:5': 5,
  'countries:20': 20,
  'countries:50': 50,
  'ratings:1': 1,
  'ratings:50': 50,
  'ratings:500': 500,
  'reviews:1': 1,
  'reviews:25': 25,
  four_in_a_day: 4,
  five_times: 5,
  silver_screen: 1,
  premiere: 1,
  weekender: 4,
  auteur: 10,
};

describe('The rules of achievements', () => {
  it('are these, each with its target', () => {
    expect(Object.fromEntries(achievements.map(({ id, target }) => [id, target]))).to.deep.equal(
      targets,
    );
  });

  it('have a name and a description of their own', () => {
    for (const text of ['name', 'description'] as const) {
      expect(new Set(achievements.map((each) => each[text]))).to.have.property(
        'size',
        achievements.length,
      );
    }
  });

  it('are reached at the target, not below it, and once', () => {
    const ids = (films: number, ...earned: readonly string[]) =>
      reached({ ...noCounters, films }, new Set(earned)).map(({ id }) => id);
    expect(ids(9)).to.deep.equal(['opening_credits']);
    expect(ids(10)).to.deep.equal(['opening_credits', 'films:10']);
    expect(ids(11, 'opening_credits', 'films:10')).to.deep.equal([]);
  });

  it('count whole hours', () => {
    const ids = (minutes: number) =>
      reached({ ...noCounters, minutes }, new Set()).map(({ id }) => id);
    expect(ids(24 * 60 - 1)).to.deep.equal([]);
    expect(ids(24 * 60)).to.deep.equal(['hours:24']);
    const hours = achievements.find(({ id }) => id === 'hours:24');
    const progress = (minutes: number) => hours && progressOf(hours, { ...noCounters, minutes });
    expect([0, 59, 60, 1_439, 1_440, 9_999].map(progress)).to.deep.equal([0, 0, 1, 23, 24, 24]);
  });
});
