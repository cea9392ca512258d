import { gateFrames, type SampleOut } from './index.ts';
import { codeOf, collect, elementOf, must, until, withPipeline } from './testing.ts';

const GRID = { frameNs: 40_000_000, groupFrames: 10, partFrames: 5 };
const FRAMES = (n: number): string =>
  `videotestsrc num-buffers=${n} ! video/x-raw,width=64,height=64,framerate=25/1 ! identity name=in`;
const indices = (samples: readonly SampleOut[]): number[] =>
  samples.map((sample) => Math.round((sample.ptsNs ?? -1) / GRID.frameNs));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

test('a gate lets all pass until it is told to, and counts', async () => {
  await withPipeline(`${FRAMES(20)} ! appsink name=out sync=false`, async (pipeline) => {
    const gate = gateFrames(must(elementOf(pipeline, 'in').getPad('src')), GRID);
    expect(indices(await collect(pipeline))).toEqual(range(0, 20));
    expect(gate.read()).toMatchObject({ passed: 20, droppedLate: 0, leftOut: 0, newestFrame: 19 });
  });
});

test('it closes and opens at frames, several turns ahead', async () => {
  await withPipeline(`${FRAMES(40)} ! appsink name=out sync=false`, async (pipeline) => {
    const gate = gateFrames(must(elementOf(pipeline, 'in').getPad('src')), GRID);
    gate.close(10);
    gate.open(20);
    gate.close(30);
    expect(indices(await collect(pipeline))).toEqual([...range(0, 10), ...range(20, 30)]);
    expect(gate.read().leftOut).toBe(20);
  });
});

test('it keeps each second frame of a part, the first one always', async () => {
  await withPipeline(`${FRAMES(22)} ! appsink name=out sync=false`, async (pipeline) => {
    const gate = gateFrames(must(elementOf(pipeline, 'in').getPad('src')), { ...GRID, groupFrames: 11 });
    gate.keepEvery(2);
    expect(indices(await collect(pipeline))).toEqual([0, 2, 4, 5, 7, 9, 10, 11, 13, 15, 16, 18, 20, 21]);
  });
});

test('what is later than allowed is dropped, but for the first frame of each part', async () => {
  await withPipeline(`${FRAMES(20)} ! appsink name=out sync=true`, async (pipeline) => {
    const gate = gateFrames(must(elementOf(pipeline, 'in').getPad('src')), GRID);
    // Everything is "late" before a base time a second ago.
    gate.dropLater(500_000_000);
    await pipeline.pause();
    pipeline.setStartTimeNone();
    pipeline.setBaseTime(pipeline.clockNow() - 3_000_000_000n);
    expect(indices(await collect(pipeline))).toEqual([0, 5, 10, 15]);
    const { worstLateNs, droppedLate } = gate.read();
    expect(droppedLate).toBe(16);
    expect(worstLateNs).toBeGreaterThan(2_000_000_000);
    expect(gate.read().worstLateNs).toBeNull();
  });
});

test('with key frames, each group begins with one whatever was left out before it', async () => {
  const coder = 'x264enc tune=zerolatency key-int-max=1000000 option-string=scenecut=0:min-keyint=1';
  await withPipeline(`${FRAMES(60)} ! ${coder} ! appsink name=out sync=false`, async (pipeline) => {
    const gate = gateFrames(must(elementOf(pipeline, 'in').getPad('src')), GRID, { keyFrames: true });
    gate.keepEvery(3);
    gate.close(20);
    gate.open(40);
    const samples = await collect(pipeline);
    // x264enc's own times begin at 1000 hours.
    const keys = samples.map((sample) => sample.keyframe);
    expect(samples).toHaveLength(16);
    expect(keys.flatMap((key, i) => (key ? [i] : []))).toEqual([0, 4, 8, 12]);
  });
});

test('a gate is taken off, and odd values are refused', async () => {
  await withPipeline(`${FRAMES(10)} ! appsink name=out sync=false`, async (pipeline) => {
    const pad = must(elementOf(pipeline, 'in').getPad('src'));
    expect(codeOf(() => gateFrames(pad, { ...GRID, groupFrames: 0 }))).toBe('bad-value');
    expect(codeOf(() => gateFrames(must(elementOf(pipeline, 'out').getPad('sink')), GRID))).toBe('bad-type');
    const gate = gateFrames(pad, GRID);
    expect(codeOf(() => gate.keepEvery(0))).toBe('bad-value');
    expect(codeOf(() => gate.close(-1))).toBe('bad-value');
    gate.close(0);
    gate.remove();
    gate.remove();
    const samples = await collect(pipeline);
    await until('all frames', () => samples.length === 10);
  });
});
