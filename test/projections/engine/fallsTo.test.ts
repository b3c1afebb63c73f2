import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import { fallsTo } from '../../../src/projections/engine/fallsTo.js';
import type { ProjectedEvent } from '../../../src/projections/ports/projection.js';
import { dividedTallies } from './dividedTallies.js';
import { tallies, type Tallied } from './tallies.js';

const renamed = (libraryId: string): ProjectedEvent<Tallied> => ({
  ...{ id: uuidv7(), type: 'LibraryRenamed', data: { libraryId, name: 'Films' } },
  ...{ stream: `library-${libraryId}`, revision: 0n, position: 1n, recordedAt: new Date(0) },
  metadata: { correlationId: uuidv7(), causationId: uuidv7(), schemaVersion: 1 },
});
/** Ids that differ in their last digits alone. */
const idOf = (nth: number): string =>
  `0191d7a8-6c00-7000-8000-${nth.toString(16).padStart(12, '0')}`;
const projection = dividedTallies();
const sharesOf = (libraryId: string, of: number): readonly number[] => {
  const event = renamed(libraryId);
  return Array.from({ length: of }, (_, nth) => nth).filter((nth) =>
    fallsTo(projection, { nth, of })(event),
  );
};

describe('The share that an event falls to', () => {
  it('is one, and about as often this as any other, also where ids begin alike', () => {
    for (const of of [2, 3, 16]) {
      const counts = Array.from({ length: of }, () => 0);
      for (let nth = 0; nth < 2_000; nth += 1) {
        const [share, ...more] = sharesOf(idOf(nth), of);
        expect(more).to.deep.equal([]);
        counts[share ?? of] = (counts[share ?? of] ?? 0) + 1;
      }
      expect(counts).to.have.length(of);
      for (const count of counts) expect(count).to.be.within(1_600 / of, 2_400 / of);
    }
  });

  it('is the same in every version of Reellog: builds that were interrupted are gone on with', () => {
    const shares = [idOf(1), idOf(2), ''].map((id) => [2, 3, 4].flatMap((of) => sharesOf(id, of)));
    expect(shares).to.deep.equal([
      [0, 2, 0],
      [1, 2, 1],
      [1, 1, 1],
    ]);
  });

  it('is none of a read model that says nothing of what its rows belong to', () => {
    expect(() => fallsTo(tallies(), { nth: 0, of: 2 })(renamed(uuidv7()))).to.throw(
      'tallies cannot be divided',
    );
  });
});
