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
  /** Ends an election that goes on. */
  close(): void;
}

/**
 * A cluster that elects as the server does: a leader needs a majority of the voters, and a cluster
 * without one has no leader, nor has one whose election takes its time.
 */
export const createCluster = (electionMilliseconds: number): Cluster => {
  const members: Member[] = [];
  let election: NodeJS.Timeout | undefined;
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

  const candidate = (): Member | undefined => {
    const hasMajority = living().length * 2 > voters().length;
    return hasMajority ? (leader() ?? living()[0]) : undefined;
  };

  const close = (): void => {
    clearTimeout(election);
    election = undefined;
  };

  const settle = (): void => {
    const chosen = candidate();
    if (chosen === leader() || electionMilliseconds === 0) {
      assign(chosen);
      return;
    }
    assign(undefined);
    election ??= setTimeout(() => {
      election = undefined;
      assign(candidate());
    }, electionMilliseconds);
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
      assign(candidate());
      return member;
    },
    elect: (member) => {
      if (!living().includes(member)) throw new Error('Only a living voter can be elected.');
      close();
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
    close,
  };
};
