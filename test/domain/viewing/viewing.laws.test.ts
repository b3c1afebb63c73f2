import { expect } from 'chai';
import fc from 'fast-check';
import type { ViewingCommand } from '../../../src/domain/viewing/commands.js';
import { viewingDecider } from '../../../src/domain/viewing/viewing.js';
import { ofImport, ofNew, viewingCommands } from '../../support/histories/arbitraryViewing.js';
import { keepsTheLaws, lawsOf } from '../../support/deciders/deciderLaws.js';
import { eventsOf, stepsWith } from '../../support/deciders/deciderSteps.js';

const { initialState, evolve } = viewingDecider;
const stepsOf = stepsWith(viewingDecider);

const lawOf = lawsOf(viewingDecider, viewingCommands());

describe('What a person does with a film, whatever it is,', () => {
  keepsTheLaws(viewingDecider, lawOf, { RemoveWatch: 'refused' });

  it('meets every outcome in these laws: accepted, changing nothing, refused', () => {
    const outcomes = new Set<string>();
    for (const commands of fc.sample(viewingCommands(), { numRuns: 2_000, seed: 1 })) {
      for (const { command, events, refused } of stepsOf(commands)) {
        outcomes.add(refused ? 'refused' : `${command.type} ${events.length > 0}`);
        for (const { type } of events) outcomes.add(type);
      }
    }
    expect(outcomes).to.include.keys(
      ...['refused', 'WatchLinkedAsDuplicate', 'WatchUnlinked', 'WatchRestored', 'ReviewRemoved'],
      ...['WatchStateSet', 'TitleFactsLearnt', 'LearnTitleFacts false'],
      ...['RecordWatchEvent true', 'RecordWatchEvent false', 'AmendWatch true', 'AmendWatch false'],
      ...['RestoreWatch false', 'RateMovie false', 'SetWatchState false', 'AddToWatchlist false'],
    );
  });

  it('can be replayed from anywhere and in any order without an error', () => {
    fc.assert(
      fc.property(
        viewingCommands().chain((commands) =>
          fc.shuffledSubarray([...eventsOf(stepsOf(commands))]),
        ),
        (events) => {
          const { plays } = events.reduce(evolve, initialState);
          const recorded = events.filter(({ type }) => type === 'MovieWatched');
          expect(plays.size).to.equal(
            new Set(recorded.map(({ data }) => ('playId' in data ? data.playId : ''))).size,
          );
        },
      ),
    );
  });

  it('is about that person and that film alone', () => {
    lawOf((steps) => {
      for (const { command, events } of steps) {
        const { userId, titleId } = command.context;
        for (const { data } of events) expect(data).to.include({ userId, titleId, kind: 'movie' });
      }
    });
  });
});

describe('Any watch of a film', () => {
  it('that is removed and restored leaves everything as it was', () => {
    lawOf((steps) => {
      const last = steps.at(-1);
      // Whether two reports are of one viewing follows from how long the film is known to be.
      if (!last || new Set(steps.map(({ command }) => command.context.title?.title)).size > 1)
        return;
      const { context } = last.command;
      for (const { id: playId, removedAt } of last.after.plays.values()) {
        if (removedAt !== undefined) continue;
        const data = { movieId: context.titleId, playId };
        const undone = stepsOf(
          [
            { type: 'RemoveWatch', data, context },
            { type: 'RestoreWatch', data: { ...data, force: true }, context },
          ],
          last.after,
        );
        expect(undone.map(({ refused }) => refused)).to.deep.equal([false, false]);
        expect(undone.at(-1)?.after).to.deep.equal(last.after);
      }
    });
  });

  it('keeps its id, where it came from and what was reported first, whatever becomes of it', () => {
    lawOf((steps) => {
      for (const { before, after } of steps) {
        for (const [id, { source, reported, externalId }] of before.plays) {
          const kept = after.plays.get(id);
          expect([kept?.id, kept?.source, kept?.externalId]).to.deep.equal([
            id,
            source,
            externalId,
          ]);
          expect(kept?.reported).to.deep.equal(reported);
        }
      }
    });
  });

  it('leaves lists, rating, review and favourite alone when it is removed, restored or amended', () => {
    lawOf((steps) => {
      for (const { command, before, after } of steps) {
        if (!['RemoveWatch', 'RestoreWatch', 'AmendWatch'].includes(command.type)) continue;
        expect({ ...after, plays: before.plays }).to.deep.equal(before);
      }
    });
  });

  it('is left alone by lists, ratings, reviews and favourites', () => {
    lawOf((steps) => {
      for (const { command, before, after } of steps) {
        const { type, data } = command;
        if (['RecordWatchEvent', 'AmendWatch', 'RemoveWatch', 'RestoreWatch'].includes(type)) {
          continue;
        }
        // How long the film is decides which plays report one viewing.
        if (type === 'LearnTitleFacts') continue;
        if ('recordPlay' in data && data.recordPlay) continue;
        expect(after.plays).to.equal(before.plays);
      }
    });
  });

  it('that a person tells of is never linked to another', () => {
    lawOf((steps) => {
      const linked = eventsOf(steps).flatMap((event) =>
        event.type === 'WatchLinkedAsDuplicate' ? [event.data.playId] : [],
      );
      const { plays } = steps.at(-1)?.after ?? initialState;
      for (const id of linked) expect(plays.get(id)?.source).not.to.equal('manual');
    });
  });
});

describe('Any import', () => {
  /** Its rows say when, not "now", and name no play: one without a key gets a new id in every run. */
  const runOf = (commands: readonly ViewingCommand[], run?: string): readonly ViewingCommand[] =>
    commands.flatMap((command, nth) => {
      if (command.type !== 'RecordWatchEvent') return [];
      const { playId: _, justWatched: __, ...data } = command.data;
      const { externalId } = data;
      const watched = data.watched === 'now' ? 'unknown' : data.watched;
      const playId = externalId === undefined ? ofNew(nth, run) : ofImport('import', externalId);
      return [
        {
          ...command,
          data: { ...data, source: 'import', ...(watched === undefined ? {} : { watched }) },
          context: { ...command.context, playId },
        },
      ];
    });

  it('that is run again adds nothing, whatever the person did since', () => {
    fc.assert(
      fc.property(viewingCommands(), viewingCommands('since'), (commands, others) => {
        const first = stepsOf(runOf(commands));
        const since = stepsOf(others, first.at(-1)?.after);
        const rows = first.filter(({ refused }) => !refused).map(({ command }) => command);
        const again = stepsOf(runOf(rows, 'again'), since.at(-1)?.after);
        expect(eventsOf(again)).to.deep.equal([]);
        expect(again.filter(({ refused }) => refused)).to.deep.equal([]);
      }),
      { numRuns: 300 },
    );
  });
});
