import { stats } from '../../../src/projections/stats/stats.js';
import { givenEvents } from '../../support/readModels/projectionSpecification.js';
import { viewingOf } from '../../support/histories/viewingEvents.js';

describe('Stats', () => {
  it('have no totals of somebody who rated films and watched none', () =>
    givenEvents(stats, viewingOf('Ada', 'Alien').rated(8)).expectRows(
      'select period, kind, name, plays from stats.tallies full join stats.totals using (user_id, period, plays)',
      [{ period: 'all', kind: 'rating', name: '8.0', plays: 1 }],
    ));
});
