/** Multipart uploads of S3, or of a server that speaks its protocol. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { LargeTarget, UploadedPart } from './large.ts';
import { type S3Place, s3Client } from './s3.ts';
import { problemOf, wordsFor } from './s3-problems.ts';
import { PublishError } from './target.ts';

/** As much of the SDK's errors as is read. */
interface Failure {
  readonly name?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const PARTS_WRONG: ReadonlySet<string> = new Set(['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall']);

const isMissing = (error: unknown): boolean => {
  const { name, $metadata } = (error ?? {}) as Failure;
  // An answer to HEAD has no body, and so no code: a bucket that is not there is told by everything else.
  return (
    name === 'NoSuchUpload' ||
    name === 'NoSuchKey' ||
    name === 'NotFound' ||
    $metadata?.httpStatusCode === 404
  );
};

/** Of a file of many parts; some servers copy them together before they answer. */
const COMPLETE_TIMEOUT_MS = 120_000;

/** @param credentials as of `s3Client` */
export function s3LargeTarget(place: S3Place, credentials?: S3ClientConfig['credentials']): LargeTarget {
  const client = s3Client(place, credentials);
  const Bucket = place.bucket;
  const keyOf = (name: string): string => `${place.prefix}${name}`;
  const named = (name: string, UploadId: string) => ({ Bucket, Key: keyOf(name), UploadId });
  const problem = (error: unknown): never => {
    const code = problemOf(error);
    throw new PublishError(code, wordsFor(code, place, error), error);
  };

  /** What a process that died began and could not note. Where it may not be asked for, a rule of the bucket has to do it. */
  async function giveUpOthers(name: string, abortSignal: AbortSignal): Promise<void> {
    try {
      const Prefix = keyOf(name);
      const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix }), {
        abortSignal,
      });
      for (const { Key, UploadId } of Uploads ?? []) {
        if (Key !== Prefix || UploadId === undefined) continue;
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal });
      }
    } catch (error) {
      if (problemOf(error) !== 'forbidden' && !isMissing(error)) problem(error);
    }
  }

  return {
    async begin({ name, contentType, cacheControl, contentDisposition, key }, abortSignal) {
      await giveUpOthers(name, abortSignal);
      const command = new CreateMultipartUploadCommand({
        ...{ Bucket, Key: keyOf(name), ContentType: contentType, CacheControl: cacheControl },
        ...{ ContentDisposition: contentDisposition, Metadata: { 'rostrum-key': key } },
      });
      const { UploadId } = await client.send(command, { abortSignal }).catch(problem);
      if (UploadId === undefined) throw new PublishError('failing', 'an upload without an id', null);
      return UploadId;
    },

    async parts(name, upload, abortSignal) {
      const parts: UploadedPart[] = [];
      let after: string | undefined;
      do {
        const marker = after === undefined ? {} : { PartNumberMarker: after };
        const page = await client
          .send(new ListPartsCommand({ ...named(name, upload), ...marker }), { abortSignal })
          // Who may not ask begins anew.
          .catch((error: unknown) =>
            isMissing(error) || problemOf(error) === 'forbidden' ? null : problem(error),
          );
        if (!page) return null;
        for (const { PartNumber, Size, ETag } of page.Parts ?? []) {
          if (PartNumber === undefined || Size === undefined || ETag === undefined) continue;
          parts.push({ number: PartNumber, byteLength: Size, etag: ETag });
        }
        after = page.IsTruncated ? page.NextPartNumberMarker : undefined;
      } while (after !== undefined);
      return parts;
    },

    async putPart(name, upload, number, bytes, md5, abortSignal) {
      const command = new UploadPartCommand({
        ...{ ...named(name, upload), PartNumber: number, Body: bytes },
        ...{ ContentLength: bytes.byteLength, ContentMD5: md5 },
      });
      const { ETag } = await client.send(command, { abortSignal }).catch(problem);
      if (ETag === undefined) throw new PublishError('failing', 'a part without an ETag', null);
      return { number, byteLength: bytes.byteLength, etag: ETag };
    },

    async complete(name, upload, parts, abortSignal) {
      const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
      const command = new CompleteMultipartUploadCommand({
        ...named(name, upload),
        MultipartUpload: { Parts },
      });
      try {
        await client.send(command, { abortSignal, requestTimeout: COMPLETE_TIMEOUT_MS });
        return 'done';
      } catch (error) {
        if (isMissing(error)) return 'gone';
        if (!PARTS_WRONG.has(String((error as Failure | null)?.name))) return problem(error);
        // It will never be whole.
        await client
          .send(new AbortMultipartUploadCommand(named(name, upload)), { abortSignal })
          .catch(problem);
        return 'gone';
      }
    },

    async abort(name, upload, abortSignal) {
      await client
        .send(new AbortMultipartUploadCommand(named(name, upload)), { abortSignal })
        .catch((error: unknown) => (isMissing(error) ? undefined : problem(error)));
    },

    async has({ name, byteLength, key }, abortSignal) {
      const found = await client
        .send(new HeadObjectCommand({ Bucket, Key: keyOf(name) }), { abortSignal })
        // Without the right to read nobody tells: then it goes up again.
        .catch((error: unknown) =>
          isMissing(error) || problemOf(error) === 'forbidden' ? null : problem(error),
        );
      return found?.ContentLength === byteLength && found.Metadata?.['rostrum-key'] === key;
    },

    async removeObject(name, abortSignal) {
      await client
        .send(new DeleteObjectCommand({ Bucket, Key: keyOf(name) }), { abortSignal })
        .catch((error: unknown) => (isMissing(error) ? undefined : problem(error)));
    },

    close: () => client.destroy(),
  };
}
