import { expect } from 'chai';
import fc from 'fast-check';
import { projections } from '../../src/projections/projections.js';
import type { ProjectedEvent, Projection } from '../../src/projections/ports/projection.js';
import { openReadModel, recorded } from '../support/readModels/readModel.js';
import { differencesOf, readModelRows } from '../support/readModels/readModelRows.js';
import { onDate, sometime, viewingOf } from '../support/histories/viewingEvents.js';
import { pageSizes, pagesOf, viewingHistories } from '../support/histories/viewingHistories.js';

const ada = viewingOf('Ada', 'Heat');
const watched = ada.watched(onDate('2026-02-06'));
/** A watch of a film that nobody measured turns out to be of one that was, and is as long. */
const otherFilm = recorded(
  ada.watched(onDate('2026-02-06'), { snapshot: { runtimeEstimated: true } }),
  ada.removed(),
  viewingOf('Ada', 'Ronin').watched(onDate('2026-02-06')),
);
/** What comes and goes again, and leaves nothing. */
const comeAndGone: readonly (readonly ProjectedEvent[])[] = [
  recorded(watched, ada.removed()),
  recorded(watched, ada.removed(), ada.restored()),
  recorded(watched, ada.amended(sometime)),
  recorded(ada.rated(7), ada.unrated()),
  recorded(ada.reviewed('Slow.'), ada.unreviewed()),
  recorded(ada.liked(), ada.unliked()),
  recorded(ada.wished(), ada.unwished()),
];

/** Those that viewing is told to. */
const told = projections.filter((projection: Projection) =>
  comeAndGone.some((events) => events.some(({ type }) => projection.handles.includes(type))),
);

describe('However the log is cut into pages, the rows are the same', () => {
  for (const projection of told) {
    it(`of ${projection.name}`, async () => {
      const readModel = await openReadModel(projection);
      const rowsOf = async (pages: readonly (readonly ProjectedEvent[])[]) => {
        await readModel.project(pages);
        return readModelRows(readModel.database);
      };
      try {
        await fc.assert(
          fc.asyncProperty(
            viewingHistories().map((events): readonly ProjectedEvent[] => events),
            pageSizes,
            async (events, sizes) => {
              const inOne = await rowsOf([events]);
              const cut = await rowsOf(pagesOf(events, sizes));
              expect(differencesOf(['in one page', inOne], ['cut', cut])).to.deep.equal([]);
            },
          ),
          {
            numRuns: 30,
            examples: [
              ...comeAndGone.map((events): [readonly ProjectedEvent[], number[]] => [events, [1]]),
              [otherFilm, [1, 2]],
            ],
          },
        );
      } finally {
        await readModel.close();
      }
    });
  }
});
