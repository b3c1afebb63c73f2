import { randomUUID } from 'node:crypto';

import gossip, { type MemberInfo } from '@eventstore/db-client/generated/gossip_pb.js';

const { VNodeState } = gossip.MemberInfo;

/** What gossip tells of a node. */
export interface Member {
  readonly instanceId: string;
  readonly address: string;
  readonly port: number;
  readonly isReadOnlyReplica: boolean;
  state: MemberInfo.VNodeState;
  isAlive: boolean;
  /** When the member last was heard of. */
  heardAt: Date;
}

/** Who is alive, and who leads. */
export interface Cluster {
  readonly members: readonly Member[];
  leader(): Member | undefined;
  join(port: number, isReadOnlyReplica: boolean): Member;
  /** Makes a living voter the leader, and the others its followers. */
  elect(member: Member): void;
  died(member: Member): void;
  came(member: Member): void;
}

/**
 * A cluster that elects as the server does: a leader needs a majority of the voters, and a cluster
 * without one has no leader. An election here takes no time.
 */
export const createCluster = (): Cluster => {
  const members: Member[] = [];
  const voters = (): readonly Member[] => members.filter((member) => !member.isReadOnlyReplica);
  const living = (): readonly Member[] => voters().filter((voter) => voter.isAlive);
  const leader = (): Member | undefined =>
    living().find((voter) => voter.state === VNodeState.LEADER);

  const assign = (chosen: Member | undefined): void => {
    for (const member of members.filter(({ isAlive }) => isAlive)) {
      member.heardAt = new Date();
      if (member === chosen) member.state = VNodeState.LEADER;
      else if (member.isReadOnlyReplica) {
        member.state = chosen ? VNodeState.READONLYREPLICA : VNodeState.READONLYLEADERLESS;
      } else member.state = chosen ? VNodeState.FOLLOWER : VNodeState.UNKNOWN;
    }
  };

  const settle = (): void => {
    const hasMajority = living().length * 2 > voters().length;
    assign(hasMajority ? (leader() ?? living()[0]) : undefined);
  };

  return {
    members,
    leader,
    join: (port, isReadOnlyReplica) => {
      const member: Member = {
        instanceId: randomUUID(),
        address: '127.0.0.1',
        port,
        isReadOnlyReplica,
        state: VNodeState.INITIALIZING,
        isAlive: true,
        heardAt: new Date(),
      };
      members.push(member);
      settle();
      return member;
    },
    elect: (member) => {
      if (!living().includes(member)) throw new Error('Only a living voter can be elected.');
      assign(member);
    },
    died: (member) => {
      member.isAlive = false;
      settle();
    },
    came: (member) => {
      member.isAlive = true;
      // It comes back with nothing but its data: who leads, the others tell it.
      member.state = VNodeState.UNKNOWN;
      settle();
    },
  };
};
