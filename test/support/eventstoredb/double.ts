import { builtInUsers, createAccess, type User } from './node/access.js';
import { createCertificates, type UserCertificate } from './node/certificates.js';
import { createCluster } from './cluster.js';
import { connectionStringOf } from './node/connectionString.js';
import { costsOf, type ChosenCosts } from './faults/costs.js';
import { startNode, type DoubleNode } from './node/doubleNode.js';
import { createFaults, type Faults } from './faults/faults.js';
import { openKeptLog, type KeptLog } from './keptLog.js';
import { createEventLog, type EventLogDouble } from './log/eventLog.js';
import { createReplication, type Replicate } from './log/commits/replication.js';
import { createPacing, sharedFlush } from './faults/pacing.js';

export interface EventStoreDoubleOptions {
  /** How many nodes vote on who leads; 1 where absent. */
  readonly nodes?: number;
  /** How many more only follow. */
  readonly readOnlyReplicas?: number;
  /** How long a cluster has no leader before it elects another; no time where absent. */
  readonly electionMilliseconds?: number;
  /** Whether the nodes speak TLS, check credentials and keep to ACLs, as a server not `insecure`. */
  readonly tls?: boolean;
  /** What the nodes' certificate is for beside 127.0.0.1 and localhost. */
  readonly hostNames?: readonly string[];
  /** Whether nodes can be frozen, at a third of their speed. */
  readonly freezable?: boolean;
  /** Of the first node, the others taking the next ones; any that are free where absent. */
  readonly port?: number;
  /** Users beside `admin` and `ops`, whose password is `changeit`. */
  readonly users?: readonly User[];
  /** As whom {@link EventStoreDouble.connectionString} connects; `admin` where absent. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** What the server says it is. */
  readonly serverVersion?: string;
  /** RPCs that it does not have, as `/event_store.client.streams.Streams/BatchAppend`. */
  readonly without?: readonly string[];
  /** A file that keeps the log: what was acknowledged is there when the double starts again. */
  readonly dataFile?: string;
  /** The most bytes that one append may have; 1 MiB where absent. */
  readonly maxAppendBytes?: number;
  /** What takes its time, as on a server; nothing where absent. */
  readonly costs?: ChosenCosts;
  /** How long a write takes to be replicated, which it is answered after; no time where absent. */
  readonly replicationMilliseconds?: number;
  /** How long a write may take to be replicated before it is answered with a timeout; 2 s where absent. */
  readonly commitTimeoutMilliseconds?: number;
}

/** An EventStoreDB that tests can have within milliseconds, and hurt. */
export interface EventStoreDouble {
  /** `esdb://…` for the client: all nodes, with credentials and CA file where TLS is on. */
  readonly connectionString: string;
  /** The certificate of the CA that signed the nodes', where TLS is on. */
  readonly caFile: string | undefined;
  readonly nodes: readonly DoubleNode[];
  /** What is stored, shared by all nodes. */
  readonly log: EventLogDouble;
  readonly faults: Faults;
  /** While held, writes are made and not replicated: no reader sees them, and none is answered but by a timeout. */
  replicationHeld: boolean;
  /** The node that leads, where one does. */
  readonly leader: () => DoubleNode | undefined;
  readonly electLeader: (node: number) => void;
  /** A certificate that makes its bearer this user; only where TLS is on. */
  issueToUser(name: string): Promise<UserCertificate>;
  /** Ends every call, gives the ports back and removes the certificates. */
  close(): Promise<void>;
}

/** The version that the client's own tests name last, and its features. */
const currentVersion = '24.10.0';
const mebibyte = 1024 * 1024;
/** `CommitTimeoutMs`. */
const commitTimeout = 2_000;

const jsonOf = (data: Uint8Array | undefined): unknown => {
  try {
    return data && JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
};

const openLog = (dataFile: string | undefined, replicate: Replicate): KeptLog =>
  dataFile === undefined
    ? { log: createEventLog({ replicate }), close: () => undefined }
    : openKeptLog(dataFile, replicate);

/** Starts a double: one node, in the clear, where nothing else is asked. */
export const startEventStoreDouble = async (
  options: EventStoreDoubleOptions = {},
): Promise<EventStoreDouble> => {
  const { nodes: voters = 1, readOnlyReplicas = 0, port = 0 } = options;
  const credentials = options.credentials ?? { username: 'admin', password: 'changeit' };
  const certificates =
    options.tls === true ? await createCertificates(options.hostNames ?? []) : undefined;
  const caFile = certificates?.caFile;
  const costs = costsOf(options.costs);
  const pacing = createPacing(costs);
  const replication = createReplication(options.replicationMilliseconds ?? 0, sharedFlush(costs));
  const { log, close: closeLog } = openLog(options.dataFile, replication.replicate);
  const cluster = createCluster(options.electionMilliseconds ?? 0);
  const nodes: DoubleNode[] = [];
  const nodeAt = (index: number): DoubleNode => {
    const node = nodes[index];
    if (node === undefined) throw new Error(`There is no node ${String(index)}.`);
    return node;
  };
  const faults = createFaults((index) => nodeAt(index));
  const access = createAccess({
    insecure: certificates === undefined,
    users: [...builtInUsers, ...(options.users ?? [])],
    anonymous: false,
    latestOf: (stream) => jsonOf(log.lastEvent(stream)?.data),
  });
  const close = async (): Promise<void> => {
    faults.clear();
    cluster.close();
    await Promise.all(nodes.map((node) => node.close()));
    closeLog();
    await certificates?.remove();
  };

  try {
    for (let index = 0; index < voters + readOnlyReplicas; index++) {
      const node = await startNode({
        port: port === 0 ? 0 : port + index,
        tls: certificates?.node,
        freezable: options.freezable ?? false,
        isReadOnlyReplica: index >= voters,
        cluster,
        log,
        access,
        faults: faults.at(index),
        pacing,
        maxAppendBytes: options.maxAppendBytes ?? mebibyte,
        commitTimeoutMilliseconds: options.commitTimeoutMilliseconds ?? commitTimeout,
        serverVersion: options.serverVersion ?? currentVersion,
        without: options.without ?? [],
        connectionStringOf: (of) => connectionStringOf({ ports: [of], caFile, credentials }),
      });
      nodes.push(node);
    }
  } catch (error) {
    await close();
    throw error;
  }

  return {
    connectionString: connectionStringOf({
      ports: nodes.map((node) => node.port),
      caFile,
      credentials,
    }),
    caFile,
    nodes,
    log,
    faults,
    get replicationHeld() {
      return replication.held;
    },
    set replicationHeld(held) {
      replication.held = held;
    },
    leader: () => nodes.find((node) => node.isLeader),
    electLeader: (index) => {
      const member = cluster.members[index];
      if (member === undefined) throw new Error(`There is no node ${String(index)}.`);
      cluster.elect(member);
    },
    issueToUser: async (name) => {
      if (certificates === undefined) throw new Error('Certificates are for TLS only.');
      return certificates.issueToUser(name);
    },
    close,
  };
};
