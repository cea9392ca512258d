import type { Clip } from './clip.ts';
import type { MediaSink } from './media.ts';
import { Pacer } from './pacer.ts';
import { clipPlayer } from './player.ts';
import { ManualClock } from './testing/manual-clock.ts';

const FRAMES = 50;
const PACKETS = 75;

/** Pictures and packets whose one byte is their number; a key frame each second. */
const CLIP: Clip = {
  name: 'numbers',
  layers: [180, 360].map((height) => ({
    width: height * 2,
    height,
    frames: Array.from({ length: FRAMES }, (_, i) => ({ data: Buffer.from([i]), keyframe: i % 25 === 0 })),
  })),
  audio: Array.from({ length: PACKETS }, (_, i) => Buffer.from([i])),
};

class Recorder implements MediaSink {
  readonly pictures: { layer: number; number: number; keyframe: boolean; capturedMs: number }[] = [];
  readonly sound: { number: number; capturedMs: number }[] = [];
  video(layer: number, { data, keyframe }: { data: Buffer; keyframe: boolean }, capturedMs: number): void {
    this.pictures.push({ layer, number: data[0] ?? -1, keyframe, capturedMs });
  }
  audio(packet: Buffer, capturedMs: number): void {
    this.sound.push({ number: packet[0] ?? -1, capturedMs });
  }
  layer(index: number): { number: number; capturedMs: number }[] {
    return this.pictures.filter(({ layer }) => layer === index);
  }
}

async function play({ startMs = 5, offsetMs = 0 } = {}) {
  const clock = new ManualClock(startMs);
  const sink = new Recorder();
  const playing = await clipPlayer(CLIP, { offsetMs, pacer: new Pacer(clock) }).start(sink);
  return { clock, sink, playing };
}

test('each layer begins with a key frame and goes on without a hole, and both loops go round by themselves', async () => {
  const { clock, sink } = await play();
  clock.advance(10_000);
  for (const layer of [0, 1]) {
    const pictures = sink.layer(layer);
    expect(pictures[0]).toMatchObject({ number: 25, keyframe: true, capturedMs: 1000 });
    expect(pictures.map(({ number }) => number)).toEqual(pictures.map((_, i) => (25 + i) % FRAMES));
    expect(pictures.map(({ capturedMs }) => capturedMs)).toEqual(pictures.map((_, i) => 1000 + i * 40));
  }
  expect(sink.sound.map(({ number }) => number)).toEqual(sink.sound.map((_, i) => (1 + i) % PACKETS));
  expect(sink.sound).toHaveLength(500);
});

test('nothing drifts in an hour, although every timer comes late', async () => {
  const clock = new ManualClock(5);
  const late = {
    nowMs: () => clock.nowMs(),
    after: (ms: number, then: () => void) => clock.after(ms + 3, then),
  };
  const sink = new Recorder();
  await clipPlayer(CLIP, { pacer: new Pacer(late) }).start(sink);
  clock.advance(3_600_000);
  expect(sink.sound.at(-1)?.capturedMs).toBe(3_600_000);
  expect(sink.sound).toHaveLength(180_000);
});

test('a process that was starved for a moment makes up for it; one that was for longer skips to a key frame', async () => {
  const { clock, sink } = await play();
  clock.advance(2000);
  const before = sink.sound.length;
  clock.starve(180);
  expect(sink.sound.length - before).toBe(9);
  expect(sink.layer(0).at(-1)).toMatchObject({ number: 4, capturedMs: 2160 });

  clock.starve(3000);
  const sent = sink.sound.slice(before + 9);
  expect(sent.length).toBeLessThanOrEqual(2);
  expect(sink.layer(0).at(-1)).toMatchObject({ number: 4, capturedMs: 2160 });
  clock.advance(1000);
  const after = sink.layer(0).filter(({ capturedMs }) => capturedMs > 2160);
  expect(after[0]).toMatchObject({ number: 0, capturedMs: 6000 });
});

test('where a clip stands follows from the clock and the offset, not from when it was started', async () => {
  const early = await play({ startMs: 5 });
  const late = await play({ startMs: 3333 });
  early.clock.advance(5000);
  late.clock.advance(5000);
  const numberAt = ({ sink }: typeof early, ms: number) =>
    sink.sound.find(({ capturedMs }) => capturedMs === ms)?.number;
  expect(numberAt(late, 4000)).toBe(numberAt(early, 4000));
  const ahead = await play({ offsetMs: 400 });
  ahead.clock.advance(5000);
  expect(numberAt(ahead, 4000)).toBe((numberAt(early, 4000) ?? 0) + 20);
});

test('once stopped it sends nothing, and leaves no timer behind', async () => {
  const { clock, sink, playing } = await play();
  clock.advance(1000);
  await playing.stop();
  const [sound, wakes] = [sink.sound.length, clock.wakes];
  clock.advance(1000);
  expect([sink.sound.length, clock.wakes]).toEqual([sound, wakes]);
});

test('two players of one process share a timer', async () => {
  const clock = new ManualClock();
  const pacer = new Pacer(clock);
  await clipPlayer(CLIP, { pacer }).start(new Recorder());
  await clipPlayer(CLIP, { pacer }).start(new Recorder());
  clock.advance(10_000);
  expect(clock.wakes).toBeLessThanOrEqual(501);
});

test('a clip that does not begin with a key frame is refused', () => {
  const frames = [{ data: Buffer.from([0]), keyframe: false }];
  expect(() => clipPlayer({ ...CLIP, layers: [{ width: 2, height: 2, frames }] })).toThrow(/key frame/);
});
