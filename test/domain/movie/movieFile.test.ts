import { expect } from 'chai';
import type { MovieCommand, MovieContext } from '../../../src/domain/movie/commands.js';
import type { MovieEvent } from '../../../src/domain/movie/events.js';
import { movieDecider } from '../../../src/domain/movie/movie.js';
import { containerOf, type MovieFile } from '../../../src/domain/movie/files/movieFile.js';
import { commandErrorsOf, specificationOf } from '../../support/deciders/deciderSpecification.js';
import { filmId } from '../../support/histories/viewingEvents.js';

const { given } = specificationOf(movieDecider);

const movieId = filmId('Heat');
const context: MovieContext = { now: '2026-02-06T20:00:00.000Z', movieId };
const imported: MovieEvent = {
  type: 'MovieImported',
  data: { movieId, title: 'Heat', sortTitle: 'Heat' },
};
const removed: MovieEvent = { type: 'MovieRemoved', data: { movieId } };

const first: MovieFile = {
  path: 'C:\\Movies\\Heat (1995)\\Heat.mkv',
  container: 'mkv',
  sizeBytes: 4_017_177_923,
  source: 'radarr',
  fileId: '8',
};
const second: MovieFile = { ...first, path: '\\\\nas\\films\\Heat.mp4', fileId: '29' };
const others: MovieFile = { path: '/films/heat.avi', source: 'jellyfin' };

const attached = (file: MovieFile): MovieEvent => ({
  type: 'MovieFileAttached',
  data: { movieId, ...file },
});
const detached = (fileId: string, reason?: string): MovieEvent => ({
  type: 'MovieFileDetached',
  data: { movieId, source: 'radarr', fileId, ...(reason === undefined ? {} : { reason }) },
});
const attach = (file: MovieFile, replaces?: string | null): MovieCommand => ({
  type: 'AttachFile',
  data: { movieId, ...file, ...(replaces === undefined ? {} : { replaces }) },
  context,
});
const detach = (fileId?: string, reason?: string): MovieCommand => ({
  type: 'DetachFile',
  data: {
    ...{ movieId, source: 'radarr' },
    ...(fileId === undefined ? {} : { fileId }),
    ...(reason === undefined ? {} : { reason }),
  },
  context,
});

describe('A file of a film', () => {
  it('is attached as it is told, and once', () => {
    given(imported).when(attach(first)).then(attached(first));
    given(imported, attached(first)).when(attach(first)).thenNothing();
  });

  it('takes the place of another one, whoever told of that', () => {
    given(imported, attached(first)).when(attach(second)).then(attached(second));
    given(imported, attached(others)).when(attach(first)).then(attached(first));
  });

  it('does not take the place of what came meanwhile', () => {
    given(imported, attached(first)).when(attach(second, '8')).then(attached(second));
    given(imported, attached(second)).when(attach(first, '8')).thenNothing();
    given(imported, attached(second)).when(attach(first, null)).thenNothing();
    given(imported, attached(others)).when(attach(first, null)).then(attached(first));
    given(imported, attached(first), detached('8')).when(attach(second, '8')).thenNothing();
  });

  it('is detached where it is the one that is gone', () => {
    given(imported, attached(first)).when(detach('8', 'deleted')).then(detached('8', 'deleted'));
    given(imported, attached(first)).when(detach()).then(detached('8'));
    given(imported, attached(second)).when(detach('8')).thenNothing();
    given(imported, attached(others)).when(detach()).thenNothing();
    given(imported).when(detach()).thenNothing();
    given(imported, attached(first), detached('8')).when(detach('8')).thenNothing();
  });

  it('may leave a film that was removed, and does not come to one', () => {
    given(imported, attached(first), removed).when(detach()).then(detached('8'));
    given(imported, removed).when(attach(first)).thenRejected('not-found', 'movie-removed');
    given().when(attach(first)).thenRejected('not-found', 'movie-not-found');
    given().when(detach()).thenRejected('not-found', 'movie-not-found');
  });

  it('has a path, of whatever kind, in one line', () => {
    expect(commandErrorsOf(attach({ ...first, path: 'Heat\u200e.mkv' }))).to.deep.equal([]);
    expect(commandErrorsOf(attach({ ...first, path: 'Heat\n.mkv' }))).to.have.lengthOf(1);
  });

  it('says by its name what it is packed in', () => {
    expect(containerOf('C:\\Movies\\Heat.MKV')).to.equal('mkv');
    expect(containerOf('/films/Heat (1995)/Heat. Directors Cut.m2ts')).to.equal('m2ts');
    for (const path of ['/films/Heat', '/films.old/Heat', '/films/.mkv', 'Heat. Directors Cut']) {
      expect(containerOf(path), path).to.equal(undefined);
    }
  });
});
