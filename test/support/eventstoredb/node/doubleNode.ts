import type { SecureContextOptions } from 'node:tls';

import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { MonitoringService } from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import { OperationsService } from '@eventstore/db-client/generated/operations_grpc_pb.js';
import { PersistentSubscriptionsService } from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import { ProjectionsService } from '@eventstore/db-client/generated/projections_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { UsersService } from '@eventstore/db-client/generated/users_grpc_pb.js';
import type { ServiceDefinition } from '@grpc/grpc-js';

import type { Access } from './access.js';
import { admit } from './admission.js';
import type { Cluster, Member } from '../cluster.js';
import type { FaultPoints } from '../faults/faults.js';
import { answerHttp } from '../http/httpSide.js';
import type { EventLogDouble } from '../log/eventLog.js';
import type { NodeContext } from './node.js';
import { createNodeServer } from './nodeServer.js';
import type { Pacing } from '../faults/pacing.js';
import { gossipService } from '../services/gossipService.js';
import { serverFeaturesService } from '../services/serverFeaturesService.js';
import { unimplementedService } from '../services/unimplementedService.js';
import { streamsService } from '../streams/streamsService.js';

/** One node of the double, as tests handle it. */
export interface DoubleNode {
  readonly address: string;
  readonly port: number;
  /** For a client that talks to this node alone. */
  readonly connectionString: string;
  readonly isLeader: boolean;
  readonly isAlive: boolean;
  /** Cuts so many connections, all where absent, the oldest first; the node takes new ones. */
  dropConnections(howMany?: number): void;
  /** Cuts every connection; the port refuses, and the others elect a leader where they can. */
  kill(): void;
  /** Done once a node that was killed takes connections again. */
  revive(): Promise<void>;
  /** While deaf, the node takes new connections and never answers on them. */
  deaf: boolean;
  /**
   * While frozen, nothing passes on any connection, as if the server or a network between hung. Only
   * nodes of a double that was started `freezable` can be.
   */
  frozen: boolean;
  close(): Promise<void>;
}

export interface NodeParts {
  /** 0 is any free port. */
  readonly port: number;
  readonly tls: SecureContextOptions | undefined;
  readonly freezable: boolean;
  readonly isReadOnlyReplica: boolean;
  readonly cluster: Cluster;
  readonly log: EventLogDouble;
  readonly access: Access;
  readonly faults: FaultPoints;
  readonly pacing: Pacing;
  readonly maxAppendBytes: number;
  readonly commitTimeoutMilliseconds: number;
  readonly serverVersion: string;
  /** Paths of RPCs that the node does not have. */
  readonly without: readonly string[];
  readonly connectionStringOf: (port: number) => string;
}

/** What a server has and Reellog has no use for. */
const withNothingBehind: readonly ServiceDefinition[] = [
  MonitoringService,
  OperationsService,
  PersistentSubscriptionsService,
  ProjectionsService,
  UsersService,
];

const lacking = (definition: ServiceDefinition, without: readonly string[]): ServiceDefinition =>
  Object.fromEntries(Object.entries(definition).filter(([, { path }]) => !without.includes(path)));

/** Starts a node, which joins the cluster. */
export const startNode = async (parts: NodeParts): Promise<DoubleNode> => {
  const { access, cluster, faults, log, pacing, without } = parts;
  const { commitTimeoutMilliseconds, maxAppendBytes } = parts;
  const self = (): Member => member;
  const leaderElsewhere = (): Member | undefined => {
    const leader = cluster.leader();
    return leader === self() ? undefined : leader;
  };
  const isReady = (): boolean => cluster.leader() !== undefined;
  const context: NodeContext = {
    ...{ log, access, faults, pacing, maxAppendBytes, commitTimeoutMilliseconds },
    ...{ leaderElsewhere, isReady },
  };

  const server = createNodeServer({
    port: parts.port,
    tls: parts.tls,
    freezable: parts.freezable,
    interceptors: [
      admit({
        access,
        isReady,
        writerElsewhere: () => (self().isReadOnlyReplica ? cluster.leader() : undefined),
      }),
    ],
    http: answerHttp({ access, log, cluster, self, version: parts.serverVersion }),
  });
  server.serve([
    [lacking(StreamsService, without), streamsService(context)],
    [lacking(GossipService, without), gossipService(cluster)],
    [
      lacking(ServerFeaturesService, without),
      serverFeaturesService({ version: parts.serverVersion, without }),
    ],
    ...withNothingBehind.map(
      (service) => [lacking(service, without), unimplementedService(service)] as const,
    ),
  ]);
  await server.open();
  const member = cluster.join(server.port, parts.isReadOnlyReplica);
  let shut = Promise.resolve();
  let revival: Promise<void> | undefined;
  const comeBack = async (): Promise<void> => {
    try {
      await shut;
      await server.open();
      cluster.came(member);
    } finally {
      revival = undefined;
    }
  };

  return {
    address: member.address,
    port: member.port,
    connectionString: parts.connectionStringOf(member.port),
    get isLeader() {
      return cluster.leader() === member;
    },
    get isAlive() {
      return member.isAlive;
    },
    dropConnections: server.drop,
    kill: () => {
      if (!member.isAlive) return;
      cluster.died(member);
      shut = server.shut();
    },
    revive: async () => {
      if (member.isAlive) return;
      revival ??= comeBack();
      await revival;
    },
    get deaf() {
      return server.deaf;
    },
    set deaf(deaf) {
      server.deaf = deaf;
    },
    get frozen() {
      return server.frozen;
    },
    set frozen(frozen) {
      server.frozen = frozen;
    },
    close: server.close,
  };
};
