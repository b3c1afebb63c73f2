import type { IGossipServer } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip, { type MemberInfo } from '@eventstore/db-client/generated/gossip_pb.js';

import type { Cluster, Member } from '../cluster.js';
import { uuidMessage } from '../streams/uuid.js';

/** .NET counts time in ticks of 100 ns. */
const ticksPerMillisecond = 10_000n;

const describeMember = (member: Member): MemberInfo => {
  const endPoint = new gossip.EndPoint();
  endPoint.setAddress(member.address);
  endPoint.setPort(member.port);
  const info = new gossip.MemberInfo();
  info.setInstanceId(uuidMessage(member.instanceId, 'structured'));
  info.setTimeStamp(String(BigInt(member.heardAt.getTime()) * ticksPerMillisecond));
  info.setState(member.state);
  info.setIsAlive(member.isAlive);
  info.setHttpEndPoint(endPoint);
  return info;
};

/** Tells clients, whoever they are, which nodes there are and which of them leads. */
export const gossipService = (cluster: Cluster): IGossipServer => ({
  read: (_call, answer) => {
    const info = new gossip.ClusterInfo();
    info.setMembersList(cluster.members.map(describeMember));
    answer(null, info);
  },
});
