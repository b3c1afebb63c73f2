import { expect } from 'chai';
import { folded } from '../../../src/domain/movie/search/folded.js';
import { nameGramsOf, wantedWords } from '../../../src/domain/person/nameGrams.js';

describe('Pieces of a name', () => {
  it('are how its words begin and end, and the beginning of all of it', () => {
    expect([...nameGramsOf('Robert De Niro')]).to.have.members([
      ...['^rober', '$ert', '^de', '^niro', '$iro'],
    ]);
    expect([...nameGramsOf('Al Pacino')]).to.have.members(['^al', '^pacin', '$ino', '^alpac']);
    expect([...nameGramsOf('¡!')]).to.deep.equal(['^¡!']);
  });

  it('find each word that has a typo in its beginning or in its end', () => {
    const grams = [...nameGramsOf('Martin Scorsese')];
    for (const typed of ['scorcese', 'scrosese', 'Scorses', 'xcorsese', 'martn']) {
      const [word] = wantedWords(folded(typed));
      const { beginning = '', end } = word ?? {};
      const meets = grams.some((gram) => gram.startsWith(beginning) || gram === end);
      expect(meets, typed).to.equal(true);
    }
  });
});
