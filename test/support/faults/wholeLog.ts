import { expect } from 'chai';
import type { EventStore, RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import { MOVIE_STREAMS } from '../../../src/domain/streams.js';
import { verifyLog } from '../../../src/infra/eventstore/verify/verifyLog.js';
import type { PersonalKeys } from '../../../src/infra/eventstore/privacy/personalKeys.js';
import type { Deed } from './deeds.js';

/** A log as its adapter gives it, and what opens the personal text in it. */
export interface LogToCheck {
  readonly log: Pick<EventStore, 'readAll' | 'headPosition' | 'ordinalsAt'>;
  readonly personalKeys: Pick<PersonalKeys, 'keysOf'>;
}

/**
 * What must hold of a log whatever has died: it is as `reellog log verify` wants it, every command that was
 * acknowledged is in it exactly once, where the answer said, and every other one as a whole or not at all.
 * @returns its events
 */
export const expectWholeLog = async (
  { log, personalKeys }: LogToCheck,
  deeds: readonly Deed[],
): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  const kept: LogToCheck['log'] = {
    headPosition: (options) => log.headPosition(options),
    ordinalsAt: (positions) => log.ordinalsAt(positions),
    readAll: async (options) => {
      const page = await log.readAll(options);
      events.push(...page.events);
      return page;
    },
  };
  const found = await verifyLog({
    ...{ log: kept, personalKeys, signal: new AbortController().signal },
  });
  expect(found.first, 'the log is as it must be').to.deep.equal([]);
  expect(faultsOf(events, deeds), 'what was asked for is in the log').to.deep.equal([]);
  expect(twice(namesIn(events)), 'nothing is there twice').to.deep.equal([]);
  return events;
};

const faultsOf = (events: readonly RecordedEvent[], deeds: readonly Deed[]): readonly string[] => {
  const byDeed = new Map<string, Placed[]>();
  for (const [place, event] of events.entries()) {
    const { correlationId } = event.metadata;
    // What people are told of a film goes to streams of their own, and the reaction tells it where this does not.
    if (event.type === 'TitleFactsLearnt') continue;
    byDeed.set(correlationId, [...(byDeed.get(correlationId) ?? []), { place, event }]);
  }
  return deeds.flatMap((deed) => {
    const own = byDeed.get(deed.correlationId) ?? [];
    return faultsOfDeed(deed, own).map(
      (fault) =>
        `${deed.request.method} ${deed.request.path} (${deed.correlationId}): ${fault}; the log has ` +
        own.map(({ event }) => `${event.type} at ${event.position}`).join(', '),
    );
  });
};

/** An event, and how many are before it in the log. */
interface Placed {
  readonly place: number;
  readonly event: RecordedEvent;
}

const faultsOfDeed = (
  { events, shared, acknowledged }: Deed,
  own: readonly Placed[],
): readonly string[] => {
  const [first] = own;
  const last = own.at(-1);
  if (!first || !last) return acknowledged && !shared ? ['acknowledged, but not there'] : [];
  const types = own.map(({ event }) => event.type).join();
  const inOnePiece = own.every(
    ({ place, event: { stream, revision } }, nth) =>
      place === first.place + nth &&
      stream === first.event.stream &&
      revision === first.event.revision + BigInt(nth),
  );
  const position = acknowledged?.position;
  return [
    ...(types === events.join() ? [] : [`must be ${events.join()}`]),
    ...(inOnePiece ? [] : ['is not in one piece']),
    // A change of a film is answered with where the last was told of it.
    ...(position === undefined ||
    position === last.event.position ||
    (last.event.stream.startsWith(MOVIE_STREAMS) && position > last.event.position)
      ? []
      : [`acknowledged at ${position}`]),
  ];
};

/** Plays and films, by what makes them the same. */
const namesIn = (events: readonly RecordedEvent[]): readonly string[] =>
  events.flatMap(({ type, data }) =>
    type === 'MovieWatched'
      ? [`play ${String(data.playId)}`]
      : type === 'MovieImported'
        ? [`film ${String(data.movieId)}`, `film of TMDB ${String(data.tmdbId)}`]
        : [],
  );

const twice = (names: readonly string[]): readonly string[] => {
  const seen = new Set<string>();
  return names.filter((name) => seen.size === seen.add(name).size);
};
