import { expect } from 'chai';
import type { MovieCommand, MovieContext } from '../../../src/domain/movie/commands.js';
import type {
  MovieChanges,
  MovieDetails,
  MovieEvent,
  MovieField,
} from '../../../src/domain/movie/events.js';
import { movieDecider } from '../../../src/domain/movie/movie.js';
import { commandErrorsOf, specificationOf } from '../../support/deciders/deciderSpecification.js';
import { filmId } from '../../support/histories/viewingEvents.js';

const { given } = specificationOf(movieDecider);

const movieId = filmId('The Matrix');
const context: MovieContext = { now: '2026-02-06T20:00:00.000Z', movieId };

const matrix: MovieDetails = {
  title: 'The Matrix',
  releaseDate: '1999-03-31',
  runtimeMinutes: 136,
  genres: ['Action', 'Science Fiction'],
  cast: [{ name: 'Keanu Reeves', character: 'Neo' }, { name: 'Carrie-Anne Moss' }],
  originalLanguage: 'en',
  tmdbId: 603,
};
const derived = { sortTitle: 'Matrix, The', year: 1999 };

const imported: MovieEvent = { type: 'MovieImported', data: { movieId, ...matrix, ...derived } };
const removed: MovieEvent = { type: 'MovieRemoved', data: { movieId } };
const restored: MovieEvent = { type: 'MovieRestored', data: { movieId } };
const editedTo = (
  changes: MovieChanges,
  locks = Object.keys(changes) as MovieField[],
): MovieEvent => ({ type: 'MovieDetailsEdited', data: { movieId, changes, locks } });
const refreshedTo = (changes: MovieChanges, source = 'tmdb'): MovieEvent => ({
  type: 'MovieMetadataRefreshed',
  data: { movieId, source, changes },
});
const unlocked = (...fields: MovieField[]): MovieEvent => ({
  type: 'MovieFieldsUnlocked',
  data: { movieId, fields },
});

const importOf = (details: MovieDetails): MovieCommand => ({
  type: 'ImportMovie',
  data: details,
  context,
});
const edit = (changes: MovieChanges): MovieCommand => ({
  type: 'EditMovieDetails',
  data: { movieId, changes },
  context,
});
const refresh = (changes: MovieChanges): MovieCommand => ({
  type: 'RefreshMovieMetadata',
  data: { movieId, source: 'tmdb', changes },
  context,
});
const unlock = (...fields: MovieField[]): MovieCommand => ({
  type: 'UnlockFields',
  data: { movieId, fields },
  context,
});
const remove: MovieCommand = { type: 'RemoveMovie', data: { movieId }, context };
const restore: MovieCommand = { type: 'RestoreMovie', data: { movieId }, context };

describe('Importing a film', () => {
  it('records what is told of it, with the sort title and the year that follow from that', () => {
    given().when(importOf(matrix)).then(imported);
  });

  it('takes the sort title and the year that are told before those that follow', () => {
    given()
      .when(importOf({ ...matrix, sortTitle: 'Matrix 1', year: 1998 }))
      .then({
        type: 'MovieImported',
        data: { movieId, ...matrix, sortTitle: 'Matrix 1', year: 1998 },
      });
  });

  it('needs no more than a title', () => {
    given()
      .when(importOf({ title: 'Untitled' }))
      .then({
        type: 'MovieImported',
        data: { movieId, title: 'Untitled', sortTitle: 'Untitled' },
      });
  });

  it('trims the title and leaves one space between words', () => {
    given()
      .when(importOf({ title: '  The   Matrix ' }))
      .then({
        type: 'MovieImported',
        data: { movieId, title: 'The Matrix', sortTitle: 'Matrix, The' },
      });
  });

  it('has each genre once, under its name', () => {
    given()
      .when(importOf({ title: 'Untitled', genres: ['drama', 'Drama ', 'SCI-FI', ' '] }))
      .then({
        type: 'MovieImported',
        data: { movieId, title: 'Untitled', sortTitle: 'Untitled', genres: ['Drama', 'Sci-Fi'] },
      });
    given({ ...imported, data: { ...imported.data, genres: ['action', 'Science fiction'] } })
      .when(importOf(matrix))
      .thenNothing();
  });

  it('refuses a title with nothing in it to see', () => {
    expect(commandErrorsOf(importOf({ title: ' \u00a0 ' }))).to.have.lengthOf(1);
  });

  it('takes the longest title, though its sort title is longer by a comma', () => {
    const title = `The ${'x'.repeat(496)}`;
    given()
      .when(importOf({ title }))
      .then({
        type: 'MovieImported',
        data: { movieId, title, sortTitle: `${'x'.repeat(496)}, The` },
      });
  });

  it('keeps the library it belongs to', () => {
    const libraryId = filmId('a library');
    given()
      .when({ type: 'ImportMovie', data: { title: 'Heat', libraryId }, context })
      .then({
        type: 'MovieImported',
        data: { movieId, libraryId, title: 'Heat', sortTitle: 'Heat' },
      });
  });

  it('for the second time adds nothing', () => {
    given(imported).when(importOf(matrix)).thenNothing();
  });

  it('for the second time adds nothing if its title follows none of the rules', () => {
    const told = { ...matrix, sortTitle: 'Matrix 1', year: 1998 };
    given({ type: 'MovieImported', data: { movieId, ...told } })
      .when(importOf(matrix))
      .thenNothing();
  });

  it('for the second time adds nothing if the fields of its cast come in another order', () => {
    given(imported)
      .when(
        importOf({
          ...matrix,
          cast: [{ character: 'Neo', name: 'Keanu Reeves' }, { name: 'Carrie-Anne Moss' }],
        }),
      )
      .thenNothing();
  });

  it('for the second time is a refresh when it knows better', () => {
    given(imported)
      .when(importOf({ ...matrix, runtimeMinutes: 137, tagline: 'Free your mind' }))
      .then(refreshedTo({ runtimeMinutes: 137, tagline: 'Free your mind' }, 'import'));
  });

  it('for the second time never touches what a person edited', () => {
    given(imported, editedTo({ runtimeMinutes: 140 }))
      .when(importOf(matrix))
      .thenNothing();
  });

  it('is refused for a removed film, which can be restored', () => {
    const { message } = given(imported, removed)
      .when(importOf(matrix))
      .thenRejected('conflict', 'movie-removed');
    expect(message).to.match(/[Rr]estore/);
  });
});

describe('Editing a film', () => {
  it('changes and locks the fields that are named', () => {
    given(imported)
      .when(edit({ tagline: 'Free your mind', runtimeMinutes: 137 }))
      .then(editedTo({ tagline: 'Free your mind', runtimeMinutes: 137 }));
  });

  it('locks a field that is confirmed with the value that it has', () => {
    given(imported)
      .when(edit({ runtimeMinutes: 136 }))
      .then(editedTo({}, ['runtimeMinutes']));
  });

  it('changes a locked field without locking it again', () => {
    given(imported, editedTo({ runtimeMinutes: 137 }))
      .when(edit({ runtimeMinutes: 138 }))
      .then(editedTo({ runtimeMinutes: 138 }, []));
  });

  it('says nothing when nothing changes and everything is locked', () => {
    given(imported, editedTo({ runtimeMinutes: 137 }))
      .when(edit({ runtimeMinutes: 137 }))
      .thenNothing();
  });

  it('clears a field with null', () => {
    given(imported)
      .when(edit({ genres: null }))
      .then(editedTo({ genres: null }));
    given(imported, editedTo({ genres: null }))
      .when(edit({ genres: null }))
      .thenNothing();
  });

  it('cannot clear the title', () => {
    expect(
      commandErrorsOf({ type: 'EditMovieDetails', data: { movieId, changes: { title: null } } }),
    ).to.have.lengthOf(1);
  });

  it('of the title moves the sort title along, without locking that', () => {
    given(imported)
      .when(edit({ title: 'A Matrix' }))
      .then(editedTo({ title: 'A Matrix', sortTitle: 'Matrix, A' }, ['title']));
  });

  it('of the title leaves a sort title alone that a person chose', () => {
    given(imported, editedTo({ sortTitle: 'Matrix 1' }))
      .when(edit({ title: 'Matrix' }))
      .then(editedTo({ title: 'Matrix' }));
  });

  it('of the language moves a sort title along that followed from the title', () => {
    given({ type: 'MovieImported', data: { movieId, title: 'Die Welle', sortTitle: 'Die Welle' } })
      .when(edit({ originalLanguage: 'de' }))
      .then(editedTo({ originalLanguage: 'de', sortTitle: 'Welle, Die' }, ['originalLanguage']));
  });

  it('of the release date moves the year along', () => {
    given(imported)
      .when(edit({ releaseDate: '2001-01-01' }))
      .then(editedTo({ releaseDate: '2001-01-01', year: 2001 }, ['releaseDate']));
  });

  it('of the release date leaves a year alone that a person chose', () => {
    given(imported, editedTo({ year: 1998 }))
      .when(edit({ releaseDate: '2001-01-01' }))
      .then(editedTo({ releaseDate: '2001-01-01' }));
  });

  it('of something else leaves an article behind that is none of the language that is known', () => {
    given({
      type: 'MovieImported',
      data: { movieId, title: 'La Dolce Vita', sortTitle: 'Dolce Vita, La' },
    })
      .when(edit({ year: 1960 }))
      .then(editedTo({ year: 1960 }));
  });

  it('goes back to what follows when the sort title or the year is cleared', () => {
    const told = { ...matrix, sortTitle: 'Matrix 1', year: 1998 };
    given({ type: 'MovieImported', data: { movieId, ...told } })
      .when(edit({ sortTitle: null, year: null }))
      .then(editedTo({ ...derived }));
  });

  it('is refused for a film that is not there', () => {
    given()
      .when(edit({ year: 1999 }))
      .thenRejected('not-found', 'movie-not-found');
    given(imported, removed)
      .when(edit({ year: 1999 }))
      .thenRejected('not-found', 'movie-removed');
  });
});

describe('Refreshing a film’s metadata', () => {
  it('changes what is new', () => {
    given(imported)
      .when(refresh({ ...matrix, communityRating: 8.2 }))
      .then(refreshedTo({ communityRating: 8.2 }));
  });

  it('says nothing when nothing is new', () => {
    given(imported).when(refresh(matrix)).thenNothing();
    given(imported)
      .when(refresh({ tagline: null }))
      .thenNothing();
  });

  it('never overwrites a field that a person edited', () => {
    given(imported, editedTo({ runtimeMinutes: 140 }))
      .when(refresh({ runtimeMinutes: 136, voteCount: 1 }))
      .then(refreshedTo({ voteCount: 1 }));
  });

  it('never clears a field that a person edited', () => {
    given(imported, editedTo({ tagline: 'Mine' }))
      .when(refresh({ tagline: null }))
      .thenNothing();
  });

  it('does not fill a field that a person cleared', () => {
    given(imported, editedTo({ genres: null }))
      .when(refresh({ genres: ['Action'] }))
      .thenNothing();
  });

  it('leaves alone what follows from a field that a person edited', () => {
    given(
      imported,
      editedTo({ title: 'A Matrix', sortTitle: 'Matrix, A' }, ['title']),
      editedTo({ releaseDate: '2001-01-01', year: 2001 }, ['releaseDate']),
    )
      .when(refresh({ title: 'The Matrix', sortTitle: 'Matrix, The', year: 1999 }))
      .thenNothing();
  });

  it('moves the sort title and the year along', () => {
    given(imported)
      .when(refresh({ title: 'An Other', releaseDate: '2003-05-15' }))
      .then(
        refreshedTo({
          title: 'An Other',
          releaseDate: '2003-05-15',
          sortTitle: 'Other, An',
          year: 2003,
        }),
      );
  });

  it('overwrites again what a person unlocked', () => {
    given(imported, editedTo({ runtimeMinutes: 140 }), unlocked('runtimeMinutes'))
      .when(refresh({ runtimeMinutes: 136 }))
      .then(refreshedTo({ runtimeMinutes: 136 }));
  });

  it('is refused for a film that is not there', () => {
    given().when(refresh(matrix)).thenRejected('not-found', 'movie-not-found');
    given(imported, removed).when(refresh(matrix)).thenRejected('not-found', 'movie-removed');
  });
});

describe('Unlocking fields of a film', () => {
  it('unlocks those of the named that are locked', () => {
    given(imported, editedTo({ runtimeMinutes: 140, year: 1998 }))
      .when(unlock('year', 'tagline'))
      .then(unlocked('year'));
  });

  it('says nothing when none of them is locked', () => {
    given(imported).when(unlock('year')).thenNothing();
    given(imported, editedTo({ year: 1998 }), unlocked('year'))
      .when(unlock('year'))
      .thenNothing();
  });

  it('is refused for a film that is not there', () => {
    given().when(unlock('year')).thenRejected('not-found', 'movie-not-found');
  });
});

describe('Removing a film', () => {
  it('takes it out of the catalogue', () => {
    given(imported).when(remove).then(removed);
  });

  it('is refused when it is not there, or not any more', () => {
    given().when(remove).thenRejected('not-found', 'movie-not-found');
    given(imported, removed).when(remove).thenRejected('not-found', 'movie-removed');
  });

  it('can be taken back', () => {
    given(imported, removed).when(restore).then(restored);
    given(imported, removed, restored).when(remove).then(removed);
  });

  it('and restoring keeps edits and their locks', () => {
    given(imported, editedTo({ runtimeMinutes: 140 }), removed, restored)
      .when(refresh({ runtimeMinutes: 136 }))
      .thenNothing();
  });

  it('need not have happened for the film to be restored', () => {
    given(imported).when(restore).thenNothing();
    given().when(restore).thenRejected('not-found', 'movie-not-found');
  });
});
