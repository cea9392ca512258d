/** `kill -9` of the writing process, then the truth is what is on disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { request, silentLogger } from '../origin/testing/house.ts';
import { createChannelOutput, finishRecording } from '../output/channel-output.ts';
import { strictParse } from '../packager/testing/strict-parse.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';

const WRITER = fileURLToPath(new URL('./testing/writer.ts', import.meta.url));
const SEGMENT = /^(?:hi|lo|audio)\/e\d+\/s\d+\.mp4$/;

interface Writer {
  readonly child: ChildProcess;
  readonly port: number;
  /** Names of the parts of the first rendition that were published, in order. */
  readonly parts: string[];
}

let archiveDir: string;
const running: ChildProcess[] = [];
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-kill-'));
});
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  await rm(archiveDir, { recursive: true, force: true });
});

async function startWriter(offsetMs: number): Promise<Writer> {
  const child = spawn(process.execPath, [WRITER, archiveDir, String(offsetMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  running.push(child);
  const parts: string[] = [];
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the writer exited with ${code}`)));
    lines.on('line', (line) => {
      const [word, value = ''] = line.split(' ');
      if (word === 'port') resolve(Number(value));
      else parts.push(value);
    });
  });
  return { child, port, parts };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1000; i += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  throw new Error('it never happened');
}

async function kill(writer: Writer): Promise<void> {
  const gone = new Promise((resolve) => writer.child.on('close', resolve));
  writer.child.kill('SIGKILL');
  await gone;
}

const options = () => ({
  channelId: 'show',
  profile: PROFILES.standard,
  ladder: LADDER,
  archiveDir,
  clock: { nowUnixMs: () => ZERO_UNIX_MS },
  logger: silentLogger,
  metrics: new Registry(),
});
const msnOf = (part: string | undefined): number => Number(/\/s(\d+)\./.exec(part ?? '')?.[1]);
/** What viewers have of the recording while the channel is live. */
const growingOf = async (writer: Writer, name: string): Promise<string> =>
  (await request(writer.port, `/recordings/show/${name}.m3u8`)).body.toString();
const playlistOf = async (writer: Writer, name: string): Promise<string> =>
  (await request(writer.port, `/live/show/${name}.m3u8`)).body.toString();

test('a killed process loses no more than the part it was about to write; the channel goes on with new names', async () => {
  const first = await startWriter(0);
  await until(() => msnOf(first.parts.at(-1)) >= 9);
  const before = await playlistOf(first, 'hi');
  await kill(first);
  const lastSeen = msnOf(first.parts.at(-1));
  await appendFile(join(archiveDir, 'show', 'journal.jsonl'), '{"type":"segment","rendition":"hi","ms');

  const second = await startWriter(60_000);
  await until(() => second.parts.length > 8);
  const names = new Set(first.parts);
  for (const name of second.parts) expect(names.has(name)).toBe(false);
  for (const rendition of ['hi', 'lo', 'audio']) {
    const text = await playlistOf(second, rendition);
    const playlist = strictParse(text);
    const msns = playlist.segments.map((segment) => segment.mediaSequenceNumber);
    expect(msns).toEqual(msns.map((_, i) => (msns[0] ?? 0) + i));
    // What viewers held of closed segments is still said the same way.
    const next = playlist.segments.find((segment) => segment.discontinuity);
    expect(next?.mediaSequenceNumber).toBeGreaterThan(lastSeen);
    expect(next?.map?.uri).toBe(`${rendition}/e2/init.mp4`);
    for (const segment of playlist.segments) {
      if (segment.gap || !segment.uri || !SEGMENT.test(segment.uri)) continue;
      expect((await request(second.port, `/live/show/${segment.uri}`)).status).toBe(200);
    }
    // No gap; and of what was public nothing is lost but what had not reached the file system yet.
    expect(playlist.segments.filter((segment) => segment.gap)).toEqual([]);
    expect(text).not.toContain('GAP=YES');
    const keptS = playlist.segments
      .filter((segment) => segment.uri?.includes('/e1/'))
      .reduce((sum, segment) => sum + segment.duration, 0);
    expect(first.parts.length - keptS / 0.32).toBeLessThanOrEqual(6);
  }
  const after = await playlistOf(second, 'hi');
  const closedBefore = strictParse(before).segments.filter((segment) => segment.uri && !segment.parts.length);
  for (const segment of closedBefore) expect(after).toContain(`\n${segment.uri}\n`);
});

test('every segment that left the window before the kill is whole on disk, and the recording can be made of it', async () => {
  const writer = await startWriter(0);
  // The window is 60 s: 32 segments. Let some leave it.
  await until(async () => Number(/MEDIA-SEQUENCE:(\d+)/.exec(await playlistOf(writer, 'lo'))?.[1] ?? 0) >= 4);
  const text = await playlistOf(writer, 'lo');
  await kill(writer);
  const firstInWindow = Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]);
  for (let msn = 1; msn < firstInWindow; msn += 1) {
    expect((await stat(join(archiveDir, 'show', `lo/e1/s${msn}.mp4`))).size).toBeGreaterThan(0);
  }
  const end = await finishRecording(options());
  expect(end?.segmentCount).toBeGreaterThanOrEqual(firstInWindow - 1);
  for (const rendition of ['hi', 'lo', 'audio']) {
    const playlist = strictParse(await readFile(join(archiveDir, 'show', `${rendition}.m3u8`), 'utf8'));
    expect(playlist.endlist).toBe(true);
    expect(playlist.playlistType).toBe('VOD');
    expect(playlist.segments.length).toBe(end?.segmentCount);
    const files = new Set(await readdir(join(archiveDir, 'show', rendition, 'e1')));
    for (const segment of playlist.segments) {
      if (!segment.gap) expect(files.has(segment.uri.replace(/^.*\//, ''))).toBe(true);
    }
  }
  // Twice is as good as once; and what has ended does not go on.
  expect(await finishRecording(options())).toEqual(end);
  await expect(createChannelOutput(options())).rejects.toMatchObject({ code: 'channel-ended' });
});

test('the recording that viewers read while live goes on after a kill as what they have, and so it ends', async () => {
  const renditions = [...LADDER.map(({ name }) => name), 'hi-iframes', 'lo-iframes'];
  const published = new Map(renditions.map((name) => [name, '']));
  for (let run = 0; run < 3; run += 1) {
    const writer = await startWriter(run * 60_000);
    let longest = 0;
    await until(async () => {
      for (const name of renditions) {
        const text = await growingOf(writer, name);
        if (text.startsWith('{')) continue; // nothing is recorded yet
        const before = published.get(name) ?? '';
        expect(text.slice(0, before.length)).toBe(before);
        published.set(name, text);
        longest = Math.max(longest, strictParse(text).segments.length);
      }
      return longest >= 4 * (run + 1);
    });
    await kill(writer);
  }
  await finishRecording(options());
  const iframes = async (): Promise<number> =>
    strictParse(await readFile(join(archiveDir, 'show/hi-iframes.m3u8'), 'utf8')).segments.length;
  for (const [name, text] of published) {
    const ended = await readFile(join(archiveDir, 'show', `${name}.m3u8`), 'utf8');
    expect(ended.replace(':VOD\n', ':EVENT\n').slice(0, text.length)).toBe(text);
    const { segments, endlist } = strictParse(ended);
    expect(endlist).toBe(true);
    expect(segments.filter(({ discontinuity }) => discontinuity).length).toBeGreaterThanOrEqual(2);
    // All that was recorded has its key frame, what came out of spools too.
    if (name === 'hi') expect(await iframes()).toBe(segments.length);
    for (const { uri } of segments) {
      expect(
        (await stat(join(archiveDir, 'show', uri.replace('../../live/show/', '')))).size,
      ).toBeGreaterThan(0);
    }
  }
});

test('a process that stops properly loses nothing, not even the open segment', async () => {
  const first = await createChannelOutput(options());
  for (const event of [...epochEvents(), ...perfect(PROFILES.standard, 0, 60)]) first.push(event);
  await first.close();
  const second = await createChannelOutput(options());
  const [window] = second.live.windows();
  expect(window?.segments.map((segment) => segment.parts.map((part) => part.gap))).toEqual([
    [false, false, false, false, false, false],
    [false, false],
  ]);
  expect(second.status()).toMatchObject({ state: 'waiting', epoch: 2, lastMsn: 2 });
  await second.close();
});
