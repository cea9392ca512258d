import { mkdtemp, rm } from 'node:fs/promises';
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
