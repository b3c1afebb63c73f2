import type { Access } from './access.js';
import type { FaultPoints } from '../faults/faults.js';
import type { EventLogDouble } from '../log/eventLog.js';
import type { Pacing } from '../faults/pacing.js';

/** What a service needs to know of the node that it runs on. */
export interface NodeContext {
  /** The log, one for all nodes of a cluster. */
  readonly log: EventLogDouble;
  /** Who makes a call, and what it may do. */
  readonly access: Access;
  /** Where a test may make this node fail. */
  readonly faults: FaultPoints;
  /** The leader, where it is another node than this one. */
  leaderElsewhere(): { readonly address: string; readonly port: number } | undefined;
  /** What reads take their time for. */
  readonly pacing: Pacing;
  /** Whether the cluster has a leader. */
  isReady(): boolean;
  /** How long a write may take to be replicated; two seconds, as the server's default. */
  readonly commitTimeoutMilliseconds: number;
  /** The most bytes that one append may have; 1 MiB, as the server's default. */
  readonly maxAppendBytes: number;
}
