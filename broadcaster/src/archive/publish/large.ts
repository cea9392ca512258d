/** The port to where files of gigabytes go: piece by piece, gone on with after a restart. */

export interface LargeObject {
  /** Path below the target's root, without a slash in front. */
  readonly name: string;
  readonly byteLength: number;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly contentDisposition: string;
  /** What is in it: another one, other bytes. Kept with the object. */
  readonly key: string;
}

/** Of one upload, as the target calls it. */
export type UploadId = string;

/** A piece that is there, as the target told it. */
export interface UploadedPart {
  /** From 1. */
  readonly number: number;
  readonly byteLength: number;
  readonly etag: string;
}

/** All throw `PublishError`, and after an abort anything. */
export interface LargeTarget {
  /** What was begun under the same name before is given up: it costs room that nobody sees. */
  begin(object: LargeObject, signal: AbortSignal): Promise<UploadId>;
  /** Pieces that are there; null: there is no such upload (any more). */
  parts(name: string, upload: UploadId, signal: AbortSignal): Promise<UploadedPart[] | null>;
  /** Resolves once it is there, its bytes checked on the other side. @param md5 base64 */
  putPart(
    name: string,
    upload: UploadId,
    number: number,
    bytes: Uint8Array,
    md5: string,
    signal: AbortSignal,
  ): Promise<UploadedPart>;
  /** One object of all the parts. `gone`: there is no such upload (any more), finished or given up. */
  complete(
    name: string,
    upload: UploadId,
    parts: readonly UploadedPart[],
    signal: AbortSignal,
  ): Promise<'done' | 'gone'>;
  /** What was uploaded of it is removed. No upload of that id is no error. */
  abort(name: string, upload: UploadId, signal: AbortSignal): Promise<void>;
  /** Is there an object of that name whole, with that key? */
  has(object: LargeObject, signal: AbortSignal): Promise<boolean>;
  /** Removes an object. None is no error. */
  removeObject(name: string, signal: AbortSignal): Promise<void>;
  close(): void;
}
