/** A bucket of a test's own, as somebody else sees it. */
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { S3Place } from '../s3.ts';
import type { S3TestServer } from './swift.ts';

export interface StoredObject {
  readonly bytes: Buffer;
  readonly contentType: string | undefined;
  readonly cacheControl: string | undefined;
}

export interface TestBucket {
  readonly place: S3Place;
  /** All names in it, sorted. */
  names(): Promise<string[]>;
  get(name: string): Promise<StoredObject>;
  text(name: string): Promise<string>;
  close(): void;
}

let made = 0;

/** Makes a bucket; `place.endpoint` is the server's own unless another is given. */
export async function makeBucket(server: S3TestServer, endpoint = server.endpoint): Promise<TestBucket> {
  made += 1;
  const bucket = `bucket-${process.pid}-${made}`;
  const client = new S3Client({
    endpoint: server.endpoint,
    region: server.region,
    credentials: server.credentials,
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const get = async (name: string): Promise<StoredObject> => {
    const found = await client.send(new GetObjectCommand({ Bucket: bucket, Key: name }));
    return {
      bytes: Buffer.from((await found.Body?.transformToByteArray()) ?? []),
      contentType: found.ContentType,
      cacheControl: found.CacheControl,
    };
  };
  return {
    place: { bucket, prefix: '', region: server.region, endpoint, pathStyle: true },
    get,
    text: async (name) => (await get(name)).bytes.toString(),
    async names() {
      const names: string[] = [];
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, ...(token ? { ContinuationToken: token } : {}) }),
        );
        names.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
        token = page.NextContinuationToken;
      } while (token);
      return names.sort();
    },
    close: () => client.destroy(),
  };
}
