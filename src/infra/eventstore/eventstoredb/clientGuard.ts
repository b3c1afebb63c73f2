import { Duplex } from 'node:stream';

/** What the client calls to open a stream of gRPC messages; the name tells which command needs it. */
type StreamCreator = (
  service: unknown,
  command: string,
  open: (grpcClient: unknown) => unknown,
  cache?: unknown,
) => () => Promise<unknown>;

/**
 * `@eventstore/db-client` 6.2.1 keeps the appends that wait for an answer in one table for the whole process,
 * empties it whenever any append stream fails, and throws where an answer comes to an append that is not in it
 * any more (`dist/streams/appendToStream/batchAppend.js`): with two streams, as after a reconnect, that ends
 * the process. Such an answer is dropped here; whoever waited for it was told already that it is not known
 * what became of the append.
 */
export const dropLateAnswers = (client: object): void => {
  const create: unknown = Reflect.get(client, 'GRPCStreamCreator');
  if (!isStreamCreator(create)) return;
  const guarded: StreamCreator = (service, command, open, cache) =>
    create(
      service,
      command,
      (grpcClient) => {
        const stream = open(grpcClient);
        if (command === 'appendToStream' && stream instanceof Duplex) guardAnswers(stream);
        return stream;
      },
      cache,
    );
  Reflect.set(client, 'GRPCStreamCreator', guarded);
};

const isStreamCreator = (value: unknown): value is StreamCreator => typeof value === 'function';

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
