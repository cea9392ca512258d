/** `kill -9` of the copying process at random moments; what counts is what is in the bucket afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { silentLogger } from '../../origin/testing/house.ts';
import { finishRecording } from '../../output/channel-output.ts';
import { ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import { readJournaled } from '../tools/journaled.ts';
import { Publisher } from './publisher.ts';
import { s3Target } from './s3.ts';
import { makeBucket } from './testing/bucket.ts';
import { FaultyFront } from './testing/faulty-front.ts';
import { startSwift } from './testing/swift.ts';

const WRITER = fileURLToPath(new URL('./testing/writer-with-bucket.ts', import.meta.url));
const KILLS = 4;
/** Of the publisher, on their way at once. */
const AT_ONCE = 4;

test('a process that is killed again and again leaves nothing out of the bucket, and repeats what was on its way at most', async () => {
  const archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-publish-kill-'));
  const server = await startSwift();
  const front = await FaultyFront.open(server.port);
  const bucket = await makeBucket(server, front.endpoint);
  const media = (): string[] => front.stored.filter((path) => path.endsWith('.mp4'));
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = media().length;
      const more = 3 + Math.floor(Math.random() * 10);
      const child = spawn(
        process.execPath,
        [WRITER, archiveDir, JSON.stringify(bucket.place), String(kill * 600_000)],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
          env: {
            ...process.env,
            NODE_OPTIONS: '',
            AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
          },
        },
      );
      const gone = once(child, 'exit');
      while (media().length < before + more) {
        if (child.exitCode !== null) throw new Error(`the writer ended with ${child.exitCode}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill('SIGKILL');
      await gone;
    }
    const shared = { archiveDir, logger: silentLogger, metrics: new Registry() };
    await finishRecording({ ...shared, channelId: 'show', clock: { nowUnixMs: () => ZERO_UNIX_MS } });
    const publisher = new Publisher({
      ...shared,
      target: s3Target(bucket.place, server.credentials),
      nowUnixMs: () => ZERO_UNIX_MS,
      lookIntervalMs: 20,
    });
    while (!publisher.has('show')) await new Promise((resolve) => setTimeout(resolve, 10));
    await publisher.close();

    const folder = join(archiveDir, 'show');
    // A file that was written a moment before its line is nobody's: the next process begins another epoch.
    const named = (await readJournaled(folder))?.named ?? new Set();
    const files = (await readdir(folder, { recursive: true })).filter((name) => named.has(name)).sort();
    expect(files).toEqual([...named].sort());
    const names = (await bucket.names()).filter((name) => name.endsWith('.mp4'));
    expect(names).toEqual(files.map((file) => `live/show/${file}`).sort());
    for (const file of files) {
      const { bytes } = await bucket.get(`live/show/${file}`);
      expect(bytes.equals(await readFile(join(folder, file)))).toBe(true);
    }
    expect(media().length - new Set(media()).size).toBeLessThanOrEqual(KILLS * AT_ONCE);
  } finally {
    bucket.close();
    front.close();
    await server.stop();
    await rm(archiveDir, { recursive: true, force: true });
  }
}, 300_000);
