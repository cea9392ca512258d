/** Copies in a bucket of S3, or of a server that speaks its protocol. */
import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { problemOf, wordsFor } from './s3-problems.ts';
import { PublishError, type PublishTarget } from './target.ts';

export interface S3Place {
  readonly bucket: string;
  /** In front of every name; empty, or with a slash at its end. */
  readonly prefix: string;
  /** undefined: as the SDK finds it, in `AWS_REGION` or its profile. */
  readonly region: string | undefined;
  /** undefined: Amazon's own. */
  readonly endpoint: string | undefined;
  /** The bucket in the path instead of in front of the host's name. */
  readonly pathStyle: boolean;
}

/** Of one attempt; a segment of 2 MB within it is 1 Mbit/s. */
const REQUEST_TIMEOUT_MS = 20_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Of the SDK's own, with its backoff; what fails all the same waits for its next turn. */
const ATTEMPTS = 3;
/** Each on its own: to remove many by one request wants a checksum that not every server takes. */
const REMOVED_AT_ONCE = 8;
/** An area and a channel in it, at least: whatever goes wrong, no other's is removed. */
const OF_ONE_CHANNEL = /^(?:private\/)?(?:live|recordings|standard|tracks)\/[A-Za-z0-9_-]+\//;

/**
 * @param credentials only in tests: in operation the SDK's own chain finds them (environment, profile, role of the machine) and
 * renews them.
 */
export function s3Client(place: S3Place, credentials?: S3ClientConfig['credentials']): S3Client {
  const { region, endpoint, pathStyle } = place;
  return new S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle: pathStyle,
    maxAttempts: ATTEMPTS,
    // Content-MD5 is checked by everything that speaks S3; the SDK's own checksums are unknown to some.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
}

/** @param credentials as of `s3Client` */
export function s3Target(place: S3Place, credentials?: S3ClientConfig['credentials']): PublishTarget {
  const { bucket, prefix } = place;
  const client = s3Client(place, credentials);
  return {
    async put({ name, bytes, contentType, cacheControl }, signal) {
      const md5 = createHash('md5').update(bytes).digest();
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: `${prefix}${name}`,
        Body: bytes,
        ContentLength: bytes.byteLength,
        ContentMD5: md5.toString('base64'),
        ContentType: contentType,
        CacheControl: cacheControl,
      });
      try {
        await client.send(command, { abortSignal: signal });
        return md5.toString('hex');
      } catch (error) {
        const problem = problemOf(error);
        throw new PublishError(problem, wordsFor(problem, place, error), error);
      }
    },
    async remove(beginning, signal) {
      if (!OF_ONE_CHANNEL.test(beginning))
        throw new RangeError(`${JSON.stringify(beginning)} is of more than one channel`);
      const list = new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}${beginning}` });
      try {
        // From the beginning each time: what was removed is in the list no more.
        for (;;) {
          const { Contents = [] } = await client.send(list, { abortSignal: signal });
          const keys = Contents.flatMap(({ Key }) => Key ?? []);
          if (keys.length === 0) return;
          for (let at = 0; at < keys.length; at += REMOVED_AT_ONCE) {
            const some = keys.slice(at, at + REMOVED_AT_ONCE);
            await Promise.all(
              some.map((Key) =>
                client.send(new DeleteObjectCommand({ Bucket: bucket, Key }), { abortSignal: signal }),
              ),
            );
          }
        }
      } catch (error) {
        const problem = problemOf(error);
        throw new PublishError(problem, wordsFor(problem, place, error), error);
      }
    },
    close: () => client.destroy(),
  };
}
