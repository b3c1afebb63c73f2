import { expect } from 'chai';
import type { ViewingContext } from '../../../src/domain/viewing/commands.js';
import type { ViewingEvent, WatchedWhen } from '../../../src/domain/viewing/events.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { commandErrorsOf, specificationOf } from '../../support/deciders/deciderSpecification.js';
import { NOW, commandsOf } from '../../support/histories/viewingCommands.js';
import {
  atInstant,
  onDate,
  onRelease,
  snapshotOf,
  sometime,
  viewingOf,
} from '../../support/histories/viewingEvents.js';

const { given } = specificationOf(viewingDecider);

const ada = viewingOf('Ada', 'Heat');
const adaWith = (changes: Partial<ViewingContext>) => commandsOf('Ada', 'Heat', changes);
const adaAt = (now: string) => adaWith({ now });
const { amend, remove, restore } = commandsOf('Ada', 'Heat');

const evening = atInstant('2026-02-01T20:00:00.000Z');
const first = ada.watched(evening);
const amendedTo = (changes: {
  readonly watched?: WatchedWhen;
  readonly note?: string | null;
}): ViewingEvent => ({
  type: 'WatchAmended',
  data: {
    ...{ userId: ada.userId, titleId: ada.titleId, kind: ada.kind },
    playId: ada.play(),
    ...changes,
  },
});

describe('Amending a watch', () => {
  it('changes when it was and keeps its id', () => {
    given(first)
      .when(amend({ watched: { at: '2026-02-01T21:00:00Z' } }))
      .then(amendedTo({ watched: atInstant('2026-02-01T21:00:00.000Z') }));
    given(first)
      .when(amend({ watched: { date: '2026-01-31' } }))
      .then(amendedTo({ watched: onDate('2026-01-31') }));
    given(first)
      .when(amend({ watched: 'unknown' }))
      .then(amendedTo({ watched: sometime }));
    given(ada.watched(sometime))
      .when(amend({ watched: 'now' }))
      .then(amendedTo({ watched: atInstant(NOW) }));
  });

  it('takes it to the release, if that is known', () => {
    const title = snapshotOf({ title: 'Heat', releaseDate: '1995-12-15' });
    given(first)
      .when(adaWith({ title }).amend({ watched: 'released' }))
      .then(amendedTo({ watched: onRelease('1995-12-15') }));
    given(first)
      .when(amend({ watched: 'released' }))
      .thenRejected('invalid', 'release-date-unknown');
  });

  it('changes the zone alone: the same moment is another day there', () => {
    const inTokyo = atInstant('2026-02-01T20:00:00.000Z', 'Asia/Tokyo');
    expect(inTokyo).to.include({ localDate: '2026-02-02' });
    given(first)
      .when(amend({ timezone: 'Asia/Tokyo' }))
      .then(amendedTo({ watched: inTokyo }));
  });

  it('changes the zone alone: a day stays that day everywhere', () => {
    given(ada.watched(onDate('2026-02-01')))
      .when(amend({ timezone: 'Asia/Tokyo' }))
      .then(amendedTo({ watched: onDate('2026-02-01', 'Asia/Tokyo') }));
    given(ada.watched(onRelease('1995-12-15')))
      .when(amend({ timezone: 'Asia/Tokyo' }))
      .then(amendedTo({ watched: onRelease('1995-12-15', 'Asia/Tokyo') }));
  });

  it('keeps the zone of the watch, not that where the person lives now', () => {
    given(first)
      .when(adaWith({ zone: 'Asia/Tokyo' }).amend({ watched: { at: '2026-02-01T21:00:00Z' } }))
      .then(amendedTo({ watched: atInstant('2026-02-01T21:00:00.000Z') }));
  });

  it('moves a watch to another day only with its time, whenever the person’s days end by now', () => {
    const night = atInstant('2026-02-01T02:00:00.000Z');
    const { amend: lateAmend } = adaWith({ dayEndsAt: '04:00' });
    given(ada.watched(night))
      .when(lateAmend({ note: 'Late' }))
      .then(amendedTo({ note: 'Late' }));
    given(ada.watched(night))
      .when(lateAmend({ timezone: 'UTC' }))
      .thenNothing();
    given(ada.watched(night))
      .when(lateAmend({ watched: { at: '2026-02-01T02:00:00Z' } }))
      .then(amendedTo({ watched: { ...night, localDate: '2026-01-31' } as WatchedWhen }));
  });

  it('takes notes of several lines, however their lines end', () => {
    given(first)
      .when(amend({ note: 'With Bob\r\nand Eve\rat home\n\ttwice' }))
      .then(amendedTo({ note: 'With Bob\nand Eve\nat home\n\ttwice' }));
    given(first, ada.noted('With Bob\nand Eve'))
      .when(amend({ note: 'With Bob\r\nand Eve' }))
      .thenNothing();
  });

  it('changes, adds and takes away the note', () => {
    given(first)
      .when(amend({ note: 'With Bob' }))
      .then(amendedTo({ note: 'With Bob' }));
    given(first, ada.noted('With Bob'))
      .when(amend({ note: null }))
      .then(amendedTo({ note: null }));
    given(ada.watched(evening, { note: 'With Bob' }))
      .when(amend({ note: 'Alone', watched: 'unknown' }))
      .then(amendedTo({ watched: sometime, note: 'Alone' }));
  });

  it('carries only what changed', () => {
    given(first, ada.noted('With Bob'))
      .when(amend({ note: 'With Bob', watched: 'unknown' }))
      .then(amendedTo({ watched: sometime }));
    given(first)
      .when(amend({ note: 'With Bob', watched: { at: '2026-02-01T20:00:00Z' } }))
      .then(amendedTo({ note: 'With Bob' }));
  });

  it('to what it is says nothing', () => {
    given(first)
      .when(amend({ watched: { at: '2026-02-01T21:00:00+01:00' } }))
      .thenNothing();
    given(first)
      .when(amend({ timezone: 'UTC' }))
      .thenNothing();
    given(first)
      .when(amend({ note: null }))
      .thenNothing();
    given(first, ada.noted('With Bob'), ada.noted(null))
      .when(amend({ note: null }))
      .thenNothing();
  });

  it('keeps the rules of when a watch can be', () => {
    given(first)
      .when(amend({ watched: { at: '2026-02-06T20:05:00.001Z' } }))
      .thenRejected('invalid', 'watched-in-future');
    given(first)
      .when(amend({ watched: { date: '1887-12-31' } }))
      .thenRejected('invalid', 'watched-too-early');
    expect(commandErrorsOf(amend({ timezone: 'Mars/Olympus_Mons' }))).to.have.lengthOf(1);
  });

  it('must change something', () => {
    given(first).when(amend({})).thenRejected('invalid', 'nothing-to-amend');
  });

  it('is refused for a watch that is not there, or not any more', () => {
    given()
      .when(amend({ watched: 'now' }))
      .thenRejected('not-found', 'watch-not-found');
    given(first, ada.removed())
      .when(amend({ watched: 'now' }))
      .thenRejected('not-found', 'watch-not-found');
    given(first)
      .when(amend({ watched: 'now' }, 'third'))
      .thenRejected('not-found', 'watch-not-found');
  });
});

describe('Moving a watch onto another', () => {
  const second = ada.watched(atInstant('2026-02-02T20:00:00.000Z'), { play: 'second' });

  it('is refused at the very same instant, naming the watch that is there', () => {
    const rejection = given(first, second)
      .when(amend({ watched: { at: '2026-02-02T21:00:00+01:00' } }))
      .thenRejected('already-exists', 'watch-exists');
    expect(rejection).to.include({ existingId: ada.play('second') });
  });

  it('is refused on the same day where neither knows more', () => {
    given(first, ada.watched(onDate('2026-02-02'), { play: 'second' }))
      .when(amend({ watched: { date: '2026-02-02' } }))
      .thenRejected('already-exists', 'watch-exists');
  });

  it('is possible for those who insist, and where the other was removed or is not that watch', () => {
    const watched = atInstant('2026-02-02T20:00:00.000Z');
    given(first, second)
      .when(amend({ watched: { at: '2026-02-02T20:00:00Z' }, force: true }))
      .then(amendedTo({ watched }));
    given(first, second, ada.removed('second'))
      .when(amend({ watched: { at: '2026-02-02T20:00:00Z' } }))
      .then(amendedTo({ watched }));
    given(first, second)
      .when(amend({ watched: { date: '2026-02-02' } }))
      .then(amendedTo({ watched: onDate('2026-02-02') }));
  });

  it('is refused when it is restored there', () => {
    const again = ada.watched(evening, { play: 'second' });
    const gone = [first, ada.removed('first', '2026-02-02T00:00:00.000Z'), again];
    const rejection = given(...gone)
      .when(restore())
      .thenRejected('already-exists', 'watch-exists');
    expect(rejection).to.include({ existingId: ada.play('second') });
    given(...gone)
      .when(restore('first', true))
      .then(ada.restored());
  });
});

describe('Removing a watch', () => {
  it('undoes it, and says when', () => {
    given(first).when(remove()).then(ada.removed('first', NOW));
  });

  it('is refused a second time, and for a watch that never was', () => {
    given(first, ada.removed()).when(remove()).thenRejected('not-found', 'watch-not-found');
    given(first).when(remove('third')).thenRejected('not-found', 'watch-not-found');
    given().when(remove()).thenRejected('not-found', 'watch-not-found');
  });

  it('is possible again after it was restored', () => {
    given(first, ada.removed(), ada.restored()).when(remove()).then(ada.removed('first', NOW));
  });

  it('removes nothing else: list, rating, review, favourite and other watches stay', () => {
    given(
      ...[ada.wished(), first, ada.watched(sometime, { play: 'second' })],
      ...[ada.rated(8), ada.reviewed('Slow.'), ada.liked()],
    )
      .when(remove())
      .then(ada.removed('first', NOW));
  });
});

describe('Restoring a watch', () => {
  const gone = [first, ada.removed('first', '2026-01-01T12:00:00.000Z')];

  it('brings it back', () => {
    given(...gone)
      .when(adaAt('2026-01-01T12:00:01.000Z').restore())
      .then(ada.restored());
  });

  it('is possible for thirty days, to the millisecond', () => {
    given(...gone)
      .when(adaAt('2026-01-31T12:00:00.000Z').restore())
      .then(ada.restored());
    for (const late of ['2026-01-31T12:00:00.001Z', '2026-02-01T00:00:00.000Z', NOW]) {
      given(...gone)
        .when(adaAt(late).restore())
        .thenRejected('gone', 'restore-too-late');
    }
  });

  it('counts the thirty days from the last time it was removed', () => {
    given(...gone, ada.restored(), ada.removed('first', '2026-01-20T12:00:00.000Z'))
      .when(adaAt('2026-02-19T12:00:00.000Z').restore())
      .then(ada.restored());
  });

  it('says nothing for a watch that is not removed', () => {
    given(first).when(restore()).thenNothing();
    given(...gone, ada.restored())
      .when(restore())
      .thenNothing();
  });

  it('is refused for a watch that never was', () => {
    given().when(restore()).thenRejected('not-found', 'watch-not-found');
    given(first).when(restore('third')).thenRejected('not-found', 'watch-not-found');
  });

  it('keeps what it was amended to', () => {
    given(first, ada.amended(sometime), ada.removed(), ada.restored())
      .when(amend({ watched: 'unknown' }))
      .thenNothing();
  });

  it('makes a report count again, which another stood in for', () => {
    const second = ada.watched(atInstant('2026-02-01T20:30:00.000Z'), {
      play: 'second',
      source: 'webhook',
    });
    const report = adaWith({ playId: ada.play('third') }).record({
      watched: { at: '2026-02-01T20:40:00Z' },
      source: 'webhook',
    });
    const third = ada.watched(atInstant('2026-02-01T20:40:00.000Z'), {
      play: 'third',
      source: 'webhook',
    });
    given(first, second, ada.linked('second'), ada.removed())
      .when(report)
      .then(third, ada.linked('third', 'second'), ada.unlinked('second'));
    given(first, second, ada.linked('second'), ada.removed(), ada.restored())
      .when(report)
      .then(third, ada.linked('third'));
  });
});
