import type { MovieCommand } from '../../../src/domain/movie/commands.js';
import type { ImageKind, MovieEvent } from '../../../src/domain/movie/events.js';
import { movieDecider } from '../../../src/domain/movie/movie.js';
import { specificationOf } from '../../support/deciders/deciderSpecification.js';
import { filmId } from '../../support/histories/viewingEvents.js';

const { given } = specificationOf(movieDecider);

const movieId = filmId('Stalker');
const context = { now: '2026-02-06T20:00:00.000Z', movieId };
const image = {
  ...{ hash: 'a'.repeat(64), width: 780, height: 1103 },
  blurhash: 'LA5i.?j]HqkWysf6Vsf6jrkCj]f5',
};
const other = { ...image, hash: 'b'.repeat(64) };

const imported: MovieEvent = {
  type: 'MovieImported',
  data: { movieId, title: 'Stalker', sortTitle: 'Stalker', posterPath: '/zone.jpg' },
};
const refreshed = (posterPath: string | null): MovieEvent => ({
  type: 'MovieMetadataRefreshed',
  data: { movieId, source: 'tmdb', changes: { posterPath } },
});
const stored = (source: string, of = image, kind: ImageKind = 'poster'): MovieEvent => ({
  type: 'MovieImageStored',
  data: { movieId, kind, source, ...of },
});
const removed: MovieEvent = { type: 'MovieImageRemoved', data: { movieId, kind: 'poster' } };
const unlocked: MovieEvent = {
  type: 'MovieFieldsUnlocked',
  data: { movieId, fields: ['posterPath'] },
};

const store = (source: string, of = image, kind: ImageKind = 'poster'): MovieCommand => ({
  type: 'StoreMovieImage',
  data: { movieId, kind, source, ...of },
  context,
});
const remove: MovieCommand = {
  type: 'RemoveMovieImage',
  data: { movieId, kind: 'poster' },
  context,
};
const refresh: MovieCommand = {
  type: 'RefreshMovieMetadata',
  data: { movieId, source: 'tmdb', changes: { posterPath: '/other.jpg' } },
  context,
};

describe('Pictures of a film', () => {
  it('are the provider’s while the film names them', () => {
    given(imported).when(store('/zone.jpg')).then(stored('/zone.jpg'));
    given(imported, stored('/zone.jpg'), refreshed('/other.jpg'))
      .when(store('/other.jpg', other))
      .then(stored('/other.jpg', other));
  });

  it('change nothing when they are stored again, or no longer wanted', () => {
    given(imported, stored('/zone.jpg')).when(store('/zone.jpg')).then();
    given(imported, refreshed('/other.jpg')).when(store('/zone.jpg')).then();
    given(imported, refreshed(null)).when(store('/zone.jpg')).then();
    given(imported)
      .when(store('/zone.jpg', image, 'backdrop'))
      .then();
    given(imported, stored('upload')).when(store('upload')).then();
  });

  it('are a person’s own in place of the provider’s, which a refresh does not bring back', () => {
    const uploaded = [imported, stored('/zone.jpg'), stored('upload', other)];
    given(imported, stored('/zone.jpg')).when(store('upload')).then(stored('upload'));
    given(...uploaded)
      .when(store('/zone.jpg'))
      .then();
    given(...uploaded)
      .when(refresh)
      .then();
    given(...uploaded, unlocked)
      .when(refresh)
      .then(refreshed('/other.jpg'));
    given(...uploaded, unlocked, refreshed('/other.jpg'))
      .when(store('/other.jpg'))
      .then(stored('/other.jpg'));
  });

  it('are the provider’s again that a person names', () => {
    const named: MovieEvent = {
      type: 'MovieDetailsEdited',
      data: { movieId, changes: { posterPath: '/chosen.jpg' }, locks: [] },
    };
    given(imported, stored('upload'), named)
      .when(store('/chosen.jpg', other))
      .then(stored('/chosen.jpg', other));
  });

  it('are taken away by a person, once, and stay away', () => {
    given(imported, stored('/zone.jpg')).when(remove).then(removed);
    given(imported, stored('/zone.jpg'), removed).when(remove).then();
    given(imported, stored('/zone.jpg'), removed).when(store('/zone.jpg')).then();
    given(imported, stored('/zone.jpg'), removed).when(refresh).then();
  });
});
