import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { createOrigin } from '../origin/origin.ts';
import { recordingLogger, silentLogger } from '../origin/testing/house.ts';
import {
  epochEvents,
  frame,
  LADDER,
  perfect,
  sampleEvent,
  ZERO_UNIX_MS,
} from '../packager/testing/synthetic.ts';
import { createChannelOutput } from './channel-output.ts';
import type { ChannelOutput, ChannelOutputOptions } from './interface.ts';

let archiveDir: string;
let nowMs: number;
const outputs: ChannelOutput[] = [];
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-output-'));
  nowMs = 0;
});
afterEach(async () => {
  for (const output of outputs.splice(0)) await output.close();
  await rm(archiveDir, { recursive: true, force: true });
});

async function open(overrides: Partial<ChannelOutputOptions> = {}): Promise<ChannelOutput> {
  const output = await createChannelOutput({
    channelId: 'show',
    profile: PROFILES.standard,
    ladder: LADDER,
    archiveDir,
    clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => nowMs },
    logger: silentLogger,
    metrics: new Registry(),
    ...overrides,
  });
  outputs.push(output);
  return output;
}

test('the status tells how far the channel is', async () => {
  const output = await open();
  expect(output.status()).toMatchObject({ state: 'waiting', epoch: 1, lastMsn: -1, edgeUnixMs: undefined });
  for (const event of [...epochEvents(), ...perfect(PROFILES.standard, 0, 64)]) output.push(event);
  expect(output.status()).toMatchObject({
    state: 'live',
    epoch: 1,
    lastMsn: 1,
    edgeUnixMs: ZERO_UNIX_MS + 2560,
  });
  const end = await output.end();
  expect(end).toEqual({
    durationMs: 2560,
    segmentCount: 2,
    recordingPath: '/recordings/show/multivariant.m3u8',
  });
  expect(output.status()).toMatchObject({ state: 'ended', lastMsn: 2, archiveQueueLength: 0 });
});

test('when the encoders stall, the clock alone closes what is open', async () => {
  const output = await open();
  for (const event of [...epochEvents(), ...perfect(PROFILES.standard, 0, 58)]) output.push(event);
  const closed = new Promise<void>((resolve) => {
    output.live.subscribe(() => {
      if (output.live.windows().every((window) => window.segments.at(-1)?.closed)) resolve();
    });
  });
  nowMs = 4000;
  await closed;
  // 58 pictures, and sound for 57 of them.
  expect(output.status()).toMatchObject({ epoch: 2, lastMsn: 2, edgeUnixMs: ZERO_UNIX_MS + 2280 });
});

test('what cannot be used is counted each time and logged once an epoch', async () => {
  const logger = recordingLogger();
  const metrics = new Registry();
  const output = await open({ logger, metrics });
  for (const event of epochEvents()) output.push(event);
  for (let slot = 1; slot <= 5; slot += 1) output.push(sampleEvent(frame('hi', slot, false)));
  for (let i = 0; i < 5; i += 1) output.push(sampleEvent(frame(`made-up-${i}`, 0, true)));
  const warnings = logger.lines.filter(([level]) => level === 'warn').map(([, fields]) => fields);
  expect(warnings).toEqual([
    { channelId: 'show', track: 'hi', reason: 'waiting-for-keyframe' },
    { channelId: 'show', track: 'other', reason: 'unknown-track' },
  ]);
  const dropped = await metrics.getSingleMetric('rostrum_output_dropped_samples_total')?.get();
  expect(dropped?.values.map(({ labels, value }) => [labels.reason, value])).toEqual([
    ['waiting-for-keyframe', 5],
    ['unknown-track', 5],
  ]);
});

test('after a stop nothing is taken, and stopping twice is stopping once', async () => {
  const output = await open();
  for (const event of [...epochEvents(), ...perfect(PROFILES.standard, 0, 10)]) output.push(event);
  await Promise.all([output.close(), output.close()]);
  for (const event of perfect(PROFILES.standard, 10, 60)) output.push(event);
  expect(output.status().lastMsn).toBe(1);
});

test.each([
  ['../escape', undefined, 'bad-channel-id'],
  ['', undefined, 'bad-channel-id'],
  ['show', 5_000, 'bad-window'],
  ['show', 7_200_001, 'bad-window'],
  ['show', Number.NaN, 'bad-window'],
])('channel %j with a window of %p is refused: %s', async (channelId, windowMs, code) => {
  const opening = open({ channelId, ...(windowMs === undefined ? {} : { windowMs }) });
  await expect(opening).rejects.toMatchObject({ code, channelId });
});

describe('before the show', () => {
  const shown = (output: ChannelOutput): readonly number[] =>
    output.live.windows()[0]?.segments.map(({ msn }) => msn) ?? [];
  const push = (output: ChannelOutput, from: number, to: number): void => {
    for (const event of perfect(PROFILES.standard, from, to)) output.push(event);
  };

  test('what is shown is not recorded; from the segment on before which the show is told to begin, all is', async () => {
    const output = await open({ held: true });
    for (const event of epochEvents()) output.push(event);
    push(output, 0, 106);
    expect(output.held).toBe(true);
    expect(output.recording?.multivariant('EVENT')).toBeUndefined();
    let near = false;
    const begun = output.record().then(() => {
      near = true;
    });
    // Slots 96 to 143 are the third segment, of six parts.
    push(output, 106, 135);
    await new Promise(setImmediate);
    expect(near).toBe(false);
    push(output, 135, 136);
    await begun;
    expect(output.held).toBe(false);
    push(output, 136, 288);
    expect(await output.end()).toMatchObject({ durationMs: (288 - 144) * 40, segmentCount: 3 });
    const vod = await readFile(join(archiveDir, 'show', 'hi.m3u8'), 'utf8');
    expect(vod.match(/s\d+\.mp4/g)).toEqual(['s4.mp4', 's5.mp4', 's6.mp4']);
  });

  test('who tells it too late in a segment waits for the one after the next: the picture could not follow in time', async () => {
    const output = await open({ held: true });
    for (const event of epochEvents()) output.push(event);
    push(output, 0, 42);
    void output.record();
    push(output, 42, 200);
    expect(await output.end()).toMatchObject({ durationMs: (200 - 96) * 40 });
  });

  test('viewers can go back as far as a live playlist has to reach, and nothing of it is on disk', async () => {
    const output = await open({ held: true });
    for (const event of epochEvents()) output.push(event);
    push(output, 0, 25 * 60);
    const [first = 0] = shown(output);
    const reachMs = 25 * 60 * 40 - (first - 1) * PROFILES.standard.segmentMs;
    expect(reachMs).toBeGreaterThanOrEqual(6 * PROFILES.standard.targetDurationS * 1000);
    expect(reachMs).toBeLessThan(12 * PROFILES.standard.targetDurationS * 1000);
    await output.close();
    const names = await readdir(join(archiveDir, 'show', 'hi'), { recursive: true });
    expect(names.filter((name) => /s\d+/.test(name))).toEqual([]);
  });

  test('one whose process was killed goes on before the show, and in it when it had begun', async () => {
    const before = await open({ held: true });
    for (const event of epochEvents()) before.push(event);
    push(before, 0, 100);
    await before.close();
    const again = await open({ held: true });
    for (const event of epochEvents()) again.push(event);
    push(again, 0, 100);
    expect(shown(again)).toEqual([4, 5]);
    expect(again.live.windows()[0]?.segments[0]?.discontinuity).toBe(true);
    await again.close();
    const live = await open({ held: false });
    for (const event of epochEvents()) live.push(event);
    push(live, 0, 96);
    expect(shown(live)).toEqual([7, 8]);
    expect(live.live.windows()[0]?.discontinuitySequence).toBe(1);
    expect(await live.end()).toMatchObject({ segmentCount: 2, durationMs: 3840 });
  });

  test('a show that did not come about is before the show again', async () => {
    const output = await open({ held: true });
    for (const event of epochEvents()) output.push(event);
    push(output, 0, 20);
    const begun = output.record();
    output.hold();
    push(output, 20, 200);
    await begun;
    expect(await output.end()).toMatchObject({ segmentCount: 0 });
  });

  test('where no picture comes the show begins all the same', async () => {
    const output = await open({ held: true });
    await output.record();
    expect(output.held).toBe(false);
  });
});

test('a live channel is served once; one that has ended makes place', async () => {
  const origin = createOrigin({
    archiveDir,
    coordinatorUrl: 'http://localhost:3000',
    clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => nowMs },
    logger: silentLogger,
    metrics: new Registry(),
  });
  const output = await open();
  origin.addChannel(output);
  expect(() => origin.addChannel(output)).toThrow(expect.objectContaining({ code: 'channel-exists' }));
  await output.end();
  origin.addChannel(output);
  await origin.stop();
});
