import { openProjectionProcess } from '../../../support/readModels/projectionProcess.js';
import { tallies } from '../tallies.js';

/** A process of its own that projects until it is killed; says so once it has begun. */
const [connectionString = ''] = process.argv.slice(2);
const { engine } = await openProjectionProcess(connectionString, [tallies()]);
engine.start();
process.send?.('started');
