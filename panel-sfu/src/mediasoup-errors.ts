import { RostrumError } from '@rostrum/contracts';
import { NotFoundError, UnsupportedError, WorkerClosedError } from 'mediasoup/errors';

/** A mediasoup call that takes a client's parameters: what it refuses becomes a typed failure. */
export async function fromMediasoup<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw asRostrumError(error, 'bad-input');
  }
}

/**
 * @param otherwise what an error of mediasoup without a class of its own means here: `bad-input` where it judges a
 * client's parameters, `internal` elsewhere.
 */
export function asRostrumError(error: unknown, otherwise: 'bad-input' | 'internal'): RostrumError {
  if (error instanceof RostrumError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UnsupportedError)
    return new RostrumError('media-unsupported', message, { cause: error });
  if (error instanceof NotFoundError) return new RostrumError('not-found', message, { cause: error });
  if (error instanceof WorkerClosedError) return new RostrumError('node-lost', message, { cause: error });
  return new RostrumError(otherwise, message, { cause: error });
}
