import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import type { EventStorePlace } from '../../../config/eventStoreUrl.js';
import { failure } from '../../failure.js';
import { isAccessDenied, isWithoutConnection, isWithoutLeader } from './storeErrors.js';

/** How long a node may take to answer. */
const ANSWER_MS = 2_000;

/**
 * Explains errors of the client that say too little: of a connection that does not come about it says next to
 * nothing, of one to a cluster nothing at all. So it is tried by hand.
 * @returns the error in a sentence that says what to do, or as it is where nothing more is known
 */
export const createExplanations = (
  place: EventStorePlace,
): ((error: unknown) => Promise<Error>) => {
  let trying: Promise<string | undefined> | undefined;
  return async (error) => {
    const asIs = error instanceof Error ? error : new Error(String(error));
    if (isAccessDenied(error) && place.tls && !place.hasUser) {
      return failure({ kind: 'access-denied' }, NO_USER, { cause: error });
    }
    if (!isWithoutConnection(error) && !isWithoutLeader(error)) return asIs;
    // Many calls may fail at once.
    trying ??= whyNoConnection(place)
      // Of a certificate of the authority that has gone since, say: it stays unexplained.
      .catch(() => undefined)
      .finally(() => (trying = undefined));
    const why = (await trying) ?? (isWithoutLeader(error) ? NO_LEADER : undefined);
    return why === undefined ? asIs : failure({ kind: 'unavailable' }, why, { cause: error });
  };
};

const NO_USER =
  'EventStoreDB lets nobody in without a user. Name one in its address: esdb://user:password@host:2113.';

const NO_LEADER =
  'EventStoreDB answers, but none of its nodes can serve: they have no leader, or have not started. It goes on by ' +
  'itself when they have elected one.';

/** @returns `undefined`: a node answers as it should */
const whyNoConnection = async (place: EventStorePlace): Promise<string | undefined> => {
  let away: string | undefined;
  for (const node of place.nodes) {
    const error = await handshake(node, place);
    const found = findingOf(`EventStoreDB at ${node.host}:${node.port}`, place.tls, error);
    if (found.kind === 'wrong') return found.why;
    if (found.kind === 'answers') return undefined;
    away ??= found.why;
  }
  return away;
};

/** @returns why it failed; `undefined`: it did not */
const handshake = (
  { host, port }: EventStorePlace['nodes'][number],
  { tls, caFile }: EventStorePlace,
): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    const options: ConnectionOptions = {
      ...{ host, port, ALPNProtocols: ['h2'], timeout: ANSWER_MS, rejectUnauthorized: tls },
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(tls && caFile !== undefined ? { ca: readFileSync(caFile) } : {}),
    };
    const socket = connect(options);
    const end = (error?: NodeJS.ErrnoException) => {
      socket.destroy();
      resolve(error);
    };
    socket.on('error', end);
    socket.once('secureConnect', () => {
      end();
    });
    socket.once('timeout', () => {
      end(new Error(`no answer within ${ANSWER_MS} ms`));
    });
  });

type Finding =
  | { readonly kind: 'answers' }
  /** It has to be put right by somebody. */
  | { readonly kind: 'wrong'; readonly why: string }
  | { readonly kind: 'away'; readonly why: string };

/** What a TLS handshake tells (Node.js documentation, "X509 certificate error codes" and "OpenSSL error codes"). */
const findingOf = (
  node: string,
  tls: boolean,
  error: NodeJS.ErrnoException | undefined,
): Finding => {
  const wrong = (why: string): Finding => ({ kind: 'wrong', why });
  const { code = '', message } = error ?? { message: '' };
  const spoken = /^(ERR_SSL_|EPROTO)/.test(code);
  if (!tls) {
    if (error === undefined) {
      return wrong(
        `${node} takes connections with TLS alone. Take tls=false out of its address, and name the certificate of ` +
          'its authority there: tlsCAFile=/path/to/ca.crt.',
      );
    }
    if (spoken) return { kind: 'answers' };
  }
  if (error === undefined) return { kind: 'answers' };
  if (spoken) {
    return wrong(
      `${node} speaks no TLS. Set up its certificate, or write tls=false in its address where nobody else can listen.`,
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return wrong(
      `The certificate of ${node} is for other names (${message}). Use one of them in its address, or give the node ` +
        'a certificate with this one.',
    );
  }
  if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code)) {
    return wrong(`The certificate of ${node} cannot be used now: ${message}. Renew it.`);
  }
  if (/^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|INVALID_CA)/.test(code)) {
    return wrong(
      `The certificate of ${node} is not trusted: ${message}. Name the certificate of its authority in the address: ` +
        'tlsCAFile=/path/to/ca.crt.',
    );
  }
  return { kind: 'away', why: `${node} cannot be reached: ${message || code}.` };
};
