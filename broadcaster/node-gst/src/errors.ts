/** What went wrong, for programs. The message is for logs. */
export type GstErrorCode =
  | 'addon-missing' // the native addon is not built, or does not load here
  | 'not-initialised' // `init()` has not been called
  | 'parse' // a pipeline or bin description, caps string or structure does not parse
  | 'no-property'
  | 'not-readable'
  | 'not-writable'
  | 'bad-type' // a value of the wrong JavaScript type, or a type that has no JavaScript form
  | 'bad-value' // right type, but out of range, unknown nick, malformed string
  | 'no-signal'
  | 'no-pad'
  | 'link-failed'
  | 'add-failed'
  | 'wrong-element' // e.g. attachSink on something that is no appsink
  | 'would-block' // the call could block the JavaScript thread
  | 'state-timeout'
  | 'state-failed'
  | 'remove-timeout'
  | 'remove-failed'
  | 'closed' // the pipeline was closed, or the bin removed
  | 'internal';

/** The only error this package throws or rejects with. */
export class GstError extends Error {
  override readonly name = 'GstError';
  readonly code: GstErrorCode;

  constructor(code: GstErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Turns what the addon throws (a plain Error with a code) into a GstError of the caller's realm. */
export function toGstError(error: unknown): GstError {
  if (error instanceof GstError) return error;
  if (typeof error === 'object' && error !== null && 'message' in error) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
    return new GstError(code as GstErrorCode, String(error.message), { cause: error });
  }
  return new GstError('internal', String(error), { cause: error });
}

/** Runs a call into the addon; what it throws comes out as a GstError. */
export function guard<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toGstError(error);
  }
}

/** The same for a call that answers by promise. */
export async function guardAsync<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toGstError(error);
  }
}
