import { randomUUID } from 'node:crypto';

import type { ProposedEvent } from '../eventRecord.js';
import { epochStream, metastreamOf, streamMetadataType } from './systemStreams.js';

interface SystemEvent extends ProposedEvent {
  readonly stream: string;
}

const systemEvent = (stream: string, type: string, data: object): SystemEvent => ({
  id: randomUUID(),
  stream,
  type,
  isJson: true,
  data: Buffer.from(JSON.stringify(data)),
  metadata: new Uint8Array(),
});

const userEvents = (loginName: string, fullName: string, group: string): readonly SystemEvent[] => [
  systemEvent(`$user-${loginName}`, '$UserCreated', {
    LoginName: loginName,
    FullName: fullName,
    Groups: [group],
  }),
  systemEvent('$users', '$User', { LoginName: loginName }),
];

/**
 * What a server writes when it starts for the first time, so that `$all` is as strangers find it:
 * the epoch of its election, how long its statistics are kept, and its two users.
 * `EpochManager`, `MonitoringService`, `UserManagementService`.
 */
export const systemEventsOfANewNode = (): readonly SystemEvent[] => [
  systemEvent(epochStream, epochStream, { EpochNumber: 0, LeaderInstanceId: randomUUID() }),
  systemEvent(metastreamOf('$stats-127.0.0.1:2113'), streamMetadataType, { $maxAge: 86_400 }),
  ...userEvents('admin', 'Event Store Administrator', '$admins'),
  ...userEvents('ops', 'Event Store Operations', '$ops'),
];
