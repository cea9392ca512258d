import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type S3Place, s3Target } from './s3.ts';
import { PublishError, type PublishObject, type PublishTarget } from './target.ts';
import { makeBucket, type TestBucket } from './testing/bucket.ts';
import { FaultyFront } from './testing/faulty-front.ts';
import { type S3TestServer, startSwift } from './testing/swift.ts';

let server: S3TestServer;
let front: FaultyFront;
let bucket: TestBucket;
const targets: PublishTarget[] = [];
beforeAll(async () => {
  server = await startSwift();
  front = await FaultyFront.open(server.port);
  bucket = await makeBucket(server, front.endpoint);
});
beforeEach(() => {
  front.fault = () => 'none';
  front.asked.length = 0;
  front.stored.length = 0;
});
afterEach(() => {
  for (const target of targets.splice(0)) target.close();
});
afterAll(async () => {
  bucket?.close();
  front?.close();
  await server?.stop();
});

const object = (name: string): PublishObject => ({
  name,
  bytes: Buffer.alloc(300_000, name),
  contentType: 'video/mp4',
  cacheControl: 'public, max-age=31536000, immutable',
});
function target(changes: Partial<S3Place> = {}, credentials = server.credentials): PublishTarget {
  const made = s3Target({ ...bucket.place, ...changes }, credentials);
  targets.push(made);
  return made;
}
const never = new AbortController().signal;
async function problem(putting: Promise<string>): Promise<PublishError> {
  const error: unknown = await putting.then(
    () => new Error('it went up'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof PublishError)) throw error;
  return error;
}

test('an object is there byte for byte, with its type and how long it keeps, below the prefix', async () => {
  await target({ prefix: 'shows/' }).put(object('live/show/hi/e1/s1.mp4'), never);
  // What every server that speaks S3 checks, whether or not it checks the signature's own hash.
  const md5 = createHash('md5').update(object('live/show/hi/e1/s1.mp4').bytes).digest('base64');
  expect(front.headers['content-md5']).toBe(md5);
  expect(front.headers['content-length']).toBe('300000');
  const found = await bucket.get('shows/live/show/hi/e1/s1.mp4');
  expect(found.bytes.equals(Buffer.from(object('live/show/hi/e1/s1.mp4').bytes))).toBe(true);
  expect(found).toMatchObject({
    contentType: 'video/mp4',
    cacheControl: 'public, max-age=31536000, immutable',
  });
});

test('a connection that breaks while it sends, an answer that is lost, and errors of the server cost an attempt', async () => {
  const faults = ['cut-body', 'lost-answer'] as const;
  let n = 0;
  front.fault = () => faults[n++] ?? 'none';
  await target().put(object('broken'), never);
  expect(front.asked).toHaveLength(3);
  expect((await bucket.get('broken')).bytes.byteLength).toBe(300_000);

  const answers = [
    { status: 500, code: 'InternalError' },
    { status: 503, code: 'SlowDown' },
  ] as const;
  n = 0;
  front.fault = () => answers[n++] ?? 'none';
  await target().put(object('errors'), never);
  expect(front.asked).toHaveLength(6);
});

test('what is wrong is said in words that tell what to do', async () => {
  const wrong = { ...server.credentials, secretAccessKey: 'another' };
  expect(await problem(target({}, wrong).put(object('x'), never))).toMatchObject({
    code: 'credentials',
    message: expect.stringContaining('AWS_ACCESS_KEY_ID'),
  });
  expect(await problem(target({ bucket: 'not-there' }).put(object('x'), never))).toMatchObject({
    code: 'no-bucket',
    message: expect.stringContaining('no bucket not-there'),
  });
  expect(await problem(target({ endpoint: 'http://127.0.0.1:9' }).put(object('x'), never))).toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('ROSTRUM_S3_ENDPOINT'),
  });
  // As on a machine whose environment and profile name no region.
  const { AWS_REGION: given } = process.env;
  delete process.env.AWS_REGION;
  expect(await problem(target({ region: undefined }).put(object('x'), never))).toMatchObject({
    code: 'region',
    message: expect.stringContaining('none is set'),
  });
  if (given !== undefined) process.env.AWS_REGION = given;
  const answers = [
    [403, 'AccessDenied', 'forbidden', 's3:PutObject'],
    [301, 'PermanentRedirect', 'region', 'ROSTRUM_S3_REGION'],
    [400, 'AuthorizationHeaderMalformed', 'region', 'ROSTRUM_S3_REGION'],
    [403, 'RequestTimeTooSkewed', 'clock', 'NTP'],
    [503, 'SlowDown', 'slow-down', 'fewer requests'],
    [500, 'InternalError', 'failing', 'an error of its own'],
    [403, 'ExpiredToken', 'credentials', 'AWS_SECRET_ACCESS_KEY'],
    [400, 'EntityTooLarge', 'refused', 'refuses'],
  ] as const;
  for (const [status, name, code, words] of answers) {
    front.fault = () => ({ status, code: name });
    const error = await problem(target().put(object('x'), never));
    expect([name, error.code, error.message]).toEqual([name, code, expect.stringContaining(words)]);
  }
});

test('what the network changes is noticed by the server and never stands', async () => {
  front.fault = () => 'garbled';
  expect(await problem(target().put(object('garbled'), never))).toMatchObject({ code: 'unreachable' });
  expect(await bucket.names()).not.toContain('garbled');
});

test('a clock that is off is made up for: the server tells what time it is', async () => {
  // What a server of an hour earlier answers, and what it takes afterwards.
  const anHourAgo = (): Date => new Date(Date.now() - 3_600_000);
  const signed: string[] = [];
  const earlier = createServer((request, response) => {
    request.resume();
    const said = String(request.headers['x-amz-date']);
    signed.push(said);
    const at = Date.parse(said.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
    response.setHeader('date', anHourAgo().toUTCString());
    if (Math.abs(at - anHourAgo().getTime()) < 900_000) response.writeHead(200).end();
    else {
      response
        .writeHead(403, { 'content-type': 'application/xml' })
        .end('<Error><Code>RequestTimeTooSkewed</Code><Message>too far</Message></Error>');
    }
  }).listen(0, '127.0.0.1');
  await once(earlier, 'listening');
  const off = target({ endpoint: `http://127.0.0.1:${(earlier.address() as AddressInfo).port}` });
  // The first may be told so; the next one knows.
  await off.put(object('x'), never).catch(() => undefined);
  await off.put(object('x'), never);
  expect(signed.length).toBeGreaterThanOrEqual(2);
  earlier.close();
  earlier.closeAllConnections();
});

test('what a server keeps quiet about ends with an abort, at once', async () => {
  front.fault = () => 'silence';
  const given = new AbortController();
  const putting = target().put(object('x'), given.signal);
  while (front.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  given.abort();
  await expect(putting).rejects.toThrow();
});

test('a folder is removed whole, over broken connections, and no other that begins like it', async () => {
  const bucketOfItsOwn = await makeBucket(server, front.endpoint);
  const made = s3Target({ ...bucketOfItsOwn.place, prefix: 'shows/' }, server.credentials);
  targets.push(made);
  const put = (name: string): Promise<string> =>
    made.put({ ...object(name), bytes: Buffer.from(name) }, never);
  for (let n = 0; n < 20; n += 1) await put(`live/show/hi/e1/s${n}.mp4`);
  for (const name of ['live/show-2/hi/e1/s1.mp4', 'live/shows.txt', 'recordings/show/hi.m3u8'])
    await put(name);
  let n = 0;
  front.fault = () => {
    n += 1;
    return n % 7 === 3 ? 'lost-answer' : n % 7 === 5 ? { status: 503, code: 'SlowDown' } : 'none';
  };
  await made.remove('live/show/', never);
  front.fault = () => 'none';
  const left = ['live/show-2/hi/e1/s1.mp4', 'live/shows.txt', 'recordings/show/hi.m3u8'];
  expect(await bucketOfItsOwn.names()).toEqual(left.map((name) => `shows/${name}`));
  // Once more: there is nothing.
  await made.remove('live/show/', never);
  for (const wrong of ['', '/', 'live', '//', 'live/', 'live/show', 'private/live/'])
    await expect(made.remove(wrong, never)).rejects.toThrow(RangeError);
  front.fault = () => ({ status: 403, code: 'AccessDenied' });
  await expect(made.remove('live/show-2/', never)).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('s3:DeleteObject'),
  });
  bucketOfItsOwn.close();
});
