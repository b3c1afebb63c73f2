import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A connection through which nothing passes while its gate is shut, without either end hearing of it. */
export interface Gate {
  readonly connection: Duplex;
  shut(): void;
  open(): void;
}

/** Puts a gate in a connection. */
export const gated = (socket: Socket): Gate => {
  let isShut = false;
  const held: (() => void)[] = [];
  /** Does it now, or once the gate opens. */
  const pass = (action: () => void): void => {
    if (isShut) held.push(action);
    else action();
  };

  const connection = new Duplex({
    allowHalfOpen: true,
    read: () => {
      pass(() => {
        socket.resume();
      });
    },
    write: (chunk: Buffer, _encoding, done) => {
      pass(() => {
        socket.write(chunk, done);
      });
    },
    final: (done) => {
      pass(() => {
        socket.end(done);
      });
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  // As HTTP/2 does with a socket that it has to itself: small frames must not wait for each other.
  socket.setNoDelay(true);
  socket
    .on('data', (chunk: Buffer) => {
      pass(() => {
        if (!connection.push(chunk)) socket.pause();
      });
    })
    .on('end', () => {
      pass(() => {
        connection.push(null);
      });
    })
    .on('close', () => connection.destroy());

  return {
    connection,
    shut: () => {
      isShut = true;
      socket.pause();
    },
    open: () => {
      isShut = false;
      for (const action of held.splice(0)) action();
      socket.resume();
    },
  };
};
