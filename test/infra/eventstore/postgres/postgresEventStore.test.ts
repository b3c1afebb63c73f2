import { describeEventStoreContract } from '../eventStoreContract.js';
import { postgresLog } from './postgresLog.js';

describeEventStoreContract('PostgreSQL', postgresLog, { gaplessPositions: true });
