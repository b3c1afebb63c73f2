import { expect } from 'chai';
import { derivedId, movieIdOf, movieStream, viewingStream } from '../../src/domain/streams.js';

describe('Ids that are derived from names', () => {
  it('never change: streams of every installation have them', () => {
    expect(movieIdOf('tmdb', 603)).to.equal('22cb58cc-a26c-580e-b82d-0082d33871e9');
    expect(movieIdOf('imdb', 'tt0133093')).to.equal('f5ff54c9-175a-5629-9465-a83dbc38f16f');
    expect(derivedId('')).to.equal('49db128b-40e3-5d13-83f9-2b80865ae27f');
  });

  it('tell providers apart', () => {
    expect(movieIdOf('tmdb', 603)).not.to.equal(movieIdOf('tvdb', 603));
  });
});

describe('Streams', () => {
  it('are named by what they are about', () => {
    const film = movieIdOf('tmdb', 603);
    const person = derivedId('a person');
    expect(movieStream(film)).to.equal(`movie-${film}`);
    expect(viewingStream(person, film)).to.equal(`viewing-${person}.${film}`);
  });
});
