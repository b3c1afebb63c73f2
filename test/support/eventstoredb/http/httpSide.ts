import { STATUS_CODES, type IncomingMessage, type RequestListener } from 'node:http';

import gossip from '@eventstore/db-client/generated/gossip_pb.js';

import type { Access } from '../node/access.js';
import type { Cluster, Member } from '../cluster.js';
import type { EventLogDouble } from '../log/eventLog.js';
import { getEvent, postEvents, type HttpAnswer } from './atomPub.js';

export interface HttpSide {
  readonly access: Access;
  readonly log: EventLogDouble;
  readonly cluster: Cluster;
  readonly self: () => Member;
  readonly version: string;
}

/** Names as `/gossip` and `/info` have them. */
const stateNames = new Map<number, string>([
  [gossip.MemberInfo.VNodeState.INITIALIZING, 'Initializing'],
  [gossip.MemberInfo.VNodeState.UNKNOWN, 'Unknown'],
  [gossip.MemberInfo.VNodeState.FOLLOWER, 'Follower'],
  [gossip.MemberInfo.VNodeState.LEADER, 'Leader'],
  [gossip.MemberInfo.VNodeState.READONLYLEADERLESS, 'ReadOnlyLeaderless'],
  [gossip.MemberInfo.VNodeState.READONLYREPLICA, 'ReadOnlyReplica'],
]);

const nameOf = (member: Member): string => stateNames.get(member.state) ?? 'Unknown';

const ok = (body: unknown): HttpAnswer => ({
  code: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});

const unauthorized: HttpAnswer = { code: 401 };
const notFound: HttpAnswer = { code: 404 };

const describeCluster = ({ cluster, self }: HttpSide): unknown => ({
  members: cluster.members.map((member) => ({
    instanceId: member.instanceId,
    timeStamp: member.heardAt.toISOString(),
    state: nameOf(member),
    isAlive: member.isAlive,
    httpEndPointIp: member.address,
    httpEndPointPort: member.port,
    isReadOnlyReplica: member.isReadOnlyReplica,
  })),
  serverIp: self().address,
  serverPort: self().port,
});

const answerAboutNode = (side: HttpSide, pathname: string): HttpAnswer => {
  switch (pathname) {
    case '/health/live':
      return { code: 204 };
    case '/gossip':
      return ok(describeCluster(side));
    case '/ping':
      return ok({ msgTypeId: 1, text: 'Ping request successfully handled' });
    case '/info':
      return ok({
        esVersion: side.version,
        state: nameOf(side.self()).toLowerCase(),
        features: { projections: false, atomPub: true },
      });
    default:
      return notFound;
  }
};

const streamPath = /^\/streams\/([^/]+)(?:\/(\d+)|\/incoming\/([^/]+))?$/;

const answer = (
  { access, log, ...side }: HttpSide,
  request: IncomingMessage,
  body: Buffer,
): HttpAnswer => {
  const caller = access.callerWith(request.headers.authorization);
  if (caller === undefined) return unauthorized;
  const { pathname } = new URL(request.url ?? '/', 'http://node');
  const [, encoded, revision, id] = streamPath.exec(pathname) ?? [];
  if (encoded === undefined) {
    return request.method === 'GET'
      ? answerAboutNode({ access, log, ...side }, pathname)
      : notFound;
  }
  const stream = decodeURIComponent(encoded);
  if (request.method === 'POST' && revision === undefined) {
    if (!access.allows(caller, 'write', stream)) return unauthorized;
    return postEvents(log, request, body, { stream, ...(id !== undefined && { id }) });
  }
  if (request.method === 'GET' && revision !== undefined) {
    if (!access.allows(caller, 'read', stream)) return unauthorized;
    return getEvent(log, stream, Number(revision));
  }
  return notFound;
};

/** Answers what a node answers over plain HTTP, as far as clients and operators ask it. */
export const answerHttp =
  (side: HttpSide): RequestListener =>
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { code, reason, headers, body } = answer(side, request, Buffer.concat(chunks));
      response.writeHead(code, reason ?? STATUS_CODES[code] ?? '', headers);
      response.end(body);
    });
  };
