import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * What `@eventstore/db-client` 6.2.1 does not offer and its users need. These reach into what it keeps to itself,
 * and do nothing where a later version keeps something else.
 */

/** A method that the client calls on itself. */
type Method = (...parameters: unknown[]) => unknown;

const isMethod = (value: unknown): value is Method => typeof value === 'function';

/** Puts something of ours around a method that the client calls on itself. */
const around = (client: object, name: string, wrap: (method: Method) => Method): void => {
  const method: unknown = Reflect.get(client, name);
  if (isMethod(method)) Reflect.set(client, name, wrap(method));
};

/**
 * The client keeps the appends that wait for an answer in one table for the whole process, empties it whenever any
 * append stream fails, and throws where an answer comes to an append that is not in it any more
 * (`dist/streams/appendToStream/batchAppend.js`): with two streams, as after a reconnect, nothing after that is
 * answered. Such an answer is dropped here; whoever waited for it was told already that it is not known what
 * became of the append.
 */
export const dropLateAnswers = (client: object): void => {
  around(client, 'GRPCStreamCreator', (create) => (service, command, open, cache) => {
    if (command !== 'appendToStream' || !isMethod(open)) {
      return create(service, command, open, cache);
    }
    const guarded: Method = (grpcClient) => {
      const stream = open(grpcClient);
      if (stream instanceof Duplex) guardAnswers(stream);
      return stream;
    };
    return create(service, command, guarded, cache);
  });
};

const guardAnswers = (stream: Duplex): void => {
  for (const listener of stream.rawListeners('data')) {
    stream.removeListener('data', listener as never);
    stream.on('data', (...answer: unknown[]) => {
      try {
        Reflect.apply(listener, stream, answer);
      } catch (error) {
        // Thrown by taking apart what the table does not have.
        if (!(error instanceof TypeError)) throw error;
      }
    });
  }
};

const NOTHING = Buffer.from('{}');

/**
 * The client parses the data of each event that a subscription gives (`dist/utils/convertGrpcEvent.js`), which is a
 * third of what one costs. From now on the data of this one's JSON events are their text.
 */
export const leaveDataAsText = (subscription: object): void => {
  around(subscription, 'convertGrpcEvent', (convert) => (given) => {
    const record = called(given, 'getEvent');
    const data = called(record, 'getData_asU8');
    if (!(data instanceof Uint8Array)) return convert(given);
    called(record, 'setData', NOTHING);
    const resolved = convert(given);
    const event = property(resolved, 'event');
    if (isObject(event)) {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      Reflect.set(event, 'data', property(event, 'isJson') === true ? bytes.toString() : data);
    }
    return resolved;
  });
};

/**
 * The client's `dispose` ends its calls and leaves its connection open.
 * @returns closes the connection that the client has by then, if it has one
 */
export const closingChannelOf = (client: object): (() => Promise<void>) => {
  let latest: unknown;
  around(client, 'createChannel', (create) => () => (latest = create()));
  return async () => {
    called(await Promise.resolve(latest).catch(() => undefined), 'close');
  };
};

/**
 * gRPC tells a server its name in TLS also where that is an IP address, which is not allowed (RFC 6066) and makes
 * Node.js warn (DEP0123). Without it the certificate is held against the address all the same.
 */
export const nameNoAddresses = (): void => {
  const { resolve } = createRequire(import.meta.url);
  // The copy that the client has.
  const grpc: unknown = createRequire(resolve('@eventstore/db-client'))('@grpc/grpc-js');
  const ofTls = prototypeOf(called(property(grpc, 'credentials'), 'createSsl'));
  const create = property(ofTls, '_createSecureConnector');
  if (!isObject(ofTls) || !isMethod(create)) return;
  Reflect.set(ofTls, '_createSecureConnector', function (this: unknown, ...parameters: unknown[]) {
    const connector: unknown = Reflect.apply(create, this, parameters);
    const options = property(connector, 'connectionOptions');
    const name = property(options, 'servername');
    if (isObject(options) && typeof name === 'string' && isIP(name) !== 0) {
      Reflect.deleteProperty(options, 'servername');
    }
    return connector;
  });
};

/**
 * The client gives what is appended to its messages as base64, which google-protobuf decodes in JavaScript, character
 * by character, twice: half of what the client spends on an append. Node.js does that in a tenth of the time.
 */
export const decodeNatively = (): void => {
  const messages: unknown = createRequire(import.meta.url)(
    '@eventstore/db-client/generated/streams_pb',
  );
  const proposed = property(property(messages, 'BatchAppendReq'), 'ProposedMessage');
  const message = property(proposed, 'prototype');
  for (const name of ['setData', 'setCustomMetadata']) {
    const set = property(message, name);
    if (!isObject(message) || !isMethod(set)) return;
    Reflect.set(message, name, function (this: unknown, value: unknown) {
      const bytes =
        typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'base64')) : value;
      return Reflect.apply(set, this, [bytes]);
    });
  }
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const property = (of: unknown, name: string): unknown =>
  isObject(of) || isMethod(of) ? Reflect.get(of, name) : undefined;

const called = (on: unknown, name: string, ...parameters: unknown[]): unknown => {
  const method = property(on, name);
  return isMethod(method) ? Reflect.apply(method, on, parameters) : undefined;
};

const prototypeOf = (value: unknown): unknown =>
  isObject(value) ? Object.getPrototypeOf(value) : undefined;
