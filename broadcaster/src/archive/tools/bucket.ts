/** A bucket of copies, for who looks into it or fetches from it. */
import { GetObjectCommand, ListObjectsV2Command, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { S3Place } from '../publish/s3.ts';
import { problemOf, wordsFor } from '../publish/s3-problems.ts';
import { PublishError } from '../publish/target.ts';

export interface BucketReader {
  /** Names below the bucket's own prefix, with how many bytes each has. @throws PublishError */
  sizes(folder: string): Promise<ReadonlyMap<string, number>>;
  /** null: there is no such object. @throws PublishError */
  get(name: string): Promise<Buffer | null>;
  close(): void;
}

const TIMEOUT_MS = 60_000;

/** @param credentials only in tests, as of `s3Target` */
export function bucketReader(place: S3Place, credentials?: S3ClientConfig['credentials']): BucketReader {
  const { bucket: Bucket, prefix, region, endpoint, pathStyle } = place;
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle: pathStyle,
    maxAttempts: 5,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 5000, requestTimeout: TIMEOUT_MS, throwOnRequestTimeout: true },
  });
  const explained = (error: unknown): PublishError => {
    const problem = problemOf(error);
    return new PublishError(problem, wordsFor(problem, place, error), error);
  };
  return {
    async sizes(folder) {
      const found = new Map<string, number>();
      try {
        let token: string | undefined;
        do {
          const page = await client.send(
            new ListObjectsV2Command({
              ...{ Bucket, Prefix: `${prefix}${folder}` },
              ...(token === undefined ? {} : { ContinuationToken: token }),
            }),
          );
          for (const { Key, Size } of page.Contents ?? [])
            if (Key) found.set(Key.slice(prefix.length), Size ?? 0);
          token = page.NextContinuationToken;
        } while (token !== undefined);
      } catch (error) {
        throw explained(error);
      }
      return found;
    },
    async get(name) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: `${prefix}${name}` }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      } catch (error) {
        if ((error as { name?: unknown }).name === 'NoSuchKey') return null;
        throw explained(error);
      }
    },
    close: () => client.destroy(),
  };
}
