/** Real recordings for tests of the tools: made once, copied for each test. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { silentLogger } from '../../../origin/testing/house.ts';
import { createChannelOutput } from '../../../output/channel-output.ts';
import type { ChannelOutput } from '../../../output/interface.ts';
import { strictParse } from '../../../packager/testing/strict-parse.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../../../packager/testing/synthetic.ts';
import { Publisher } from '../../publish/publisher.ts';
import { s3Target } from '../../publish/s3.ts';
import { makeBucket, type TestBucket } from '../../publish/testing/bucket.ts';
import { type S3TestServer, startSwift } from '../../publish/testing/swift.ts';
import { type BucketReader, bucketReader } from '../bucket.ts';
import type { Finding } from '../findings.ts';
import { inspect } from '../inspect.ts';
import { type Change, type RepairOptions, repair } from '../repair.ts';

const profile = PROFILES.standard;
const SEGMENT = 48;
/** Closed segments of a recording here; the last one is what was open. */
export const SEGMENTS = 5;
/** Frames up to there. */
export const RECORDED = SEGMENT * (SEGMENTS - 1) + 10;
export const ENDED_UNIX_MS = ZERO_UNIX_MS;
export const progress = { tell: () => undefined };
/** Long after everything was written. */
export const later = (): number => Date.now() + 3_600_000;

/** The frames of one more segment, the n-th after those of `record`. */
export const oneMore = (n: number) => perfect(profile, RECORDED + SEGMENT * (n - 1), RECORDED + SEGMENT * n);

export class ToolHouse {
  /** What each test begins with. */
  readonly #made: string;
  readonly #server: S3TestServer;
  #dataDir = '';
  #bucket: TestBucket | null = null;
  #reader: BucketReader | null = null;
  readonly #outputs: ChannelOutput[] = [];

  private constructor(made: string, server: S3TestServer) {
    this.#made = made;
    this.#server = server;
  }

  /** With the ended recordings `show` and `other`. */
  static async open(): Promise<ToolHouse> {
    const made = await mkdtemp(join(tmpdir(), 'rostrum-tools-made-'));
    for (const id of ['show', 'other']) await (await record(made, id)).close();
    return new ToolHouse(made, await startSwift());
  }

  /** Before each test. */
  async begin(): Promise<void> {
    this.#dataDir = await mkdtemp(join(tmpdir(), 'rostrum-tools-'));
    await cp(this.#made, this.archiveDir, { recursive: true });
    this.#bucket = await makeBucket(this.#server);
    this.#reader = bucketReader(this.#bucket.place, this.#server.credentials);
  }

  /** After each test. */
  async end(): Promise<void> {
    for (const output of this.#outputs.splice(0)) await output.close();
    this.#reader?.close();
    this.#bucket?.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.#server.stop();
    await rm(this.#made, { recursive: true, force: true });
  }

  get dataDir(): string {
    return this.#dataDir;
  }
  get archiveDir(): string {
    return join(this.#dataDir, 'channels');
  }
  get bucket(): TestBucket {
    if (!this.#bucket) throw new Error('no test has begun');
    return this.#bucket;
  }
  get reader(): BucketReader {
    if (!this.#reader) throw new Error('no test has begun');
    return this.#reader;
  }

  /** A file of `show`. */
  at(name: string): string {
    return join(this.archiveDir, 'show', name);
  }

  /** Begins another one. */
  async record(channelId: string, end = true): Promise<ChannelOutput> {
    const output = await record(this.archiveDir, channelId, end);
    this.#outputs.push(output);
    return output;
  }

  /** All of `show` is in the bucket afterwards. */
  async copyToBucket(): Promise<void> {
    const publisher = new Publisher({
      ...{ archiveDir: this.archiveDir, logger: silentLogger, metrics: new Registry(), lookIntervalMs: 10 },
      target: this.target(),
      nowUnixMs: () => ZERO_UNIX_MS,
    });
    while (!publisher.has('show')) await new Promise((resolve) => setTimeout(resolve, 10));
    await publisher.close();
  }

  /** To change what is there behind the broadcaster's back. */
  target(): ReturnType<typeof s3Target> {
    return s3Target(this.bucket.place, this.#server.credentials);
  }

  async putOther(name: string, bytes: Uint8Array): Promise<void> {
    const target = this.target();
    const headers = { contentType: 'video/mp4', cacheControl: 'no-cache' };
    await target.put({ name, bytes, ...headers }, new AbortController().signal);
    target.close();
  }

  async removeCopies(folder: string): Promise<void> {
    const target = this.target();
    await target.remove(folder, new AbortController().signal);
    target.close();
  }

  options(channelId = 'show') {
    const { archiveDir } = this;
    return { archiveDir, channelId, bucket: null, deep: false, progress, nowUnixMs: later };
  }

  async findings(changes: { bucket?: BucketReader; deep?: boolean } = {}): Promise<readonly Finding[]> {
    return (await inspect({ ...this.options(), ...changes }))?.findings ?? [];
  }

  /** Repairs `show`, or what is said; resolves with what was told. */
  async mend(changes: Partial<RepairOptions> = {}): Promise<Change[]> {
    const told: Change[] = [];
    await repair({
      ...{ ...this.options(), end: false, dryRun: false, logger: silentLogger, ...changes },
      tell: (change) => told.push(change),
    });
    return told;
  }

  /** All files of `show` with what is in them. */
  async contents(): Promise<Map<string, string>> {
    const entries = await readdir(this.at(''), { recursive: true, withFileTypes: true });
    const files = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    const read = files.map(async (file) => [file, (await readFile(file)).toString('base64')] as const);
    return new Map(await Promise.all(read));
  }

  async playlist(name: string) {
    return strictParse(await readFile(this.at(name), 'utf8'));
  }

  /** The broadcaster's settings, for a process of its own. */
  environment(): Record<string, string | undefined> {
    const { credentials, endpoint, region } = this.#server;
    return {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME, ROSTRUM_DATA_DIR: this.#dataDir },
      ROSTRUM_S3_BUCKET: this.bucket.place.bucket,
      ROSTRUM_S3_REGION: region,
      ROSTRUM_S3_ENDPOINT: endpoint,
      ROSTRUM_S3_PATH_STYLE: '1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
  }
}

async function record(archiveDir: string, channelId: string, end = true): Promise<ChannelOutput> {
  const output = await createChannelOutput({
    ...{ archiveDir, channelId, profile, ladder: LADDER, logger: silentLogger, metrics: new Registry() },
    clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 },
  });
  for (const event of [...epochEvents(), ...perfect(profile, 0, RECORDED)]) output.push(event);
  if (end) await output.end();
  return output;
}
