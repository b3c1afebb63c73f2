import { ServerInterceptingCall, type Metadata, type ServerInterceptor } from '@grpc/grpc-js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';

import type { Access } from './access.js';
import type { StatusError } from '../faults/faults.js';
import { notLeader, serverNotReady, unauthenticated } from '../streams/rpcErrors.js';

export interface Admission {
  readonly access: Access;
  /** Whether the cluster has a leader, without which a node answers little. */
  isReady(): boolean;
  /** Who takes the writes that this node, a read-only replica, does not. */
  writerElsewhere(): { readonly address: string; readonly port: number } | undefined;
}

const answeredWithoutLeader: readonly string[] = [
  GossipService.read.path,
  ServerFeaturesService.getSupportedMethods.path,
];

const writes: readonly string[] = [
  StreamsService.append.path,
  StreamsService.batchAppend.path,
  StreamsService.delete.path,
  StreamsService.tombstone.path,
];

const refusalOf = (node: Admission, path: string, metadata: Metadata): StatusError | undefined => {
  // ASP.NET answers 401 before any service is asked, and gRPC clients take that as this status.
  if (node.access.callerOf(metadata) === undefined) {
    return unauthenticated();
  }
  if (!answeredWithoutLeader.includes(path) && !node.isReady()) {
    return serverNotReady();
  }
  const writer = writes.includes(path) ? node.writerElsewhere() : undefined;
  return writer && notLeader(writer);
};

/** A user's certificate counts as credentials, unless the call has some of its own. */
const identify = (access: Access, metadata: Metadata, name: string | undefined): void => {
  if (name === undefined || metadata.get('authorization').length > 0) return;
  const authorization = access.authorizationOf(name);
  if (authorization !== undefined) metadata.set('authorization', authorization);
};

/** Turns away calls that no service of the node is to see. */
export const admit =
  (admission: Admission): ServerInterceptor =>
  ({ path }, call) =>
    new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, pass) => {
            const name: string | string[] | undefined =
              call.getAuthContext().sslPeerCertificate?.subject.CN;
            identify(admission.access, metadata, [name].flat()[0]);
            const refusal = refusalOf(admission, path, metadata);
            if (refusal === undefined) pass(metadata);
            else call.sendStatus(refusal);
          },
        });
      },
    });
