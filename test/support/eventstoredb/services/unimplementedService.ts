import {
  status,
  type sendUnaryData,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

import { StatusError } from '../faults/faults.js';

const refusal = (): StatusError =>
  new StatusError({ code: status.UNIMPLEMENTED, details: 'Method is unimplemented.' });

/**
 * A service that has its methods and nothing behind them. Without it they would not be known, and a
 * call with wrong credentials would hear that rather than that its credentials are wrong.
 */
export const unimplementedService = (definition: ServiceDefinition): UntypedServiceImplementation =>
  Object.fromEntries(
    Object.entries(definition).map(([name, { responseStream }]) => [
      name,
      responseStream
        ? (call: ServerWritableStream<unknown, unknown>) => call.emit('error', refusal())
        : (_call: unknown, answer: sendUnaryData<unknown>) => {
            answer(refusal());
          },
    ]),
  );
