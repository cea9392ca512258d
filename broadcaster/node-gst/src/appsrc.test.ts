import { randomBytes } from 'node:crypto';
import {
  attachSink,
  endOfStream,
  onEnoughData,
  onNeedData,
  pushBuffer,
  type SampleOut,
  setCaps,
} from './index.ts';
import { codeOf, elementOf, must, pause, until, withPipeline } from './testing.ts';

describe('an appsrc', () => {
  test('gives back byte for byte, with the times, what was pushed into it', async () => {
    await withPipeline('appsrc name=in format=time ! appsink name=out sync=false', async (pipeline) => {
      const source = elementOf(pipeline, 'in');
      const samples: SampleOut[] = [];
      let ended = false;
      attachSink(elementOf(pipeline, 'out'), (sample) => samples.push(sample), {
        onEos: () => {
          ended = true;
        },
      });
      setCaps(source, 'application/x-test,number=(int)1');
      await pipeline.play(0);
      const sent = [0, 1, 4095, 4096, 100_000].map((size) => randomBytes(size));
      for (const [i, bytes] of sent.entries()) {
        const times = { ptsNs: i * 1_000_000, dtsNs: BigInt(i) * 1_000_000n, durationNs: 1_000_000 };
        expect(pushBuffer(source, bytes, times)).toBe('ok');
      }
      setCaps(source, 'application/x-test,number=(int)2');
      expect(pushBuffer(source, new Uint8Array(randomBytes(64).buffer, 3, 5))).toBe('ok');
      expect(endOfStream(source)).toBe('ok');
      await until('the end', () => ended);
      expect(samples).toHaveLength(6);
      for (const [i, bytes] of sent.entries()) {
        const sample = must(samples[i]);
        expect(sample.data.equals(bytes)).toBe(true);
        expect([sample.ptsNs, sample.dtsNs, sample.durationNs]).toEqual([i * 1e6, i * 1e6, 1e6]);
      }
      expect(must(samples[5]).data).toHaveLength(5);
      expect(must(samples[5]).ptsNs).toBeNull();
      expect(samples.map((sample) => sample.caps?.at(-1))).toEqual([
        '1',
        undefined,
        undefined,
        undefined,
        undefined,
        '2',
      ]);
      expect(pushBuffer(source, new Uint8Array(1))).toBe('eos');
    });
  });

  test('one raw picture pushed once is mixed for ever, and another takes its place', async () => {
    const size = 'width=(int)16,height=(int)16';
    const caps = `video/x-raw,format=(string)RGBA,${size},framerate=(fraction)25/1`;
    const description =
      `appsrc name=in format=time is-live=true caps="${caps}" ! videoconvert ! imagefreeze is-live=true allow-replace=true ! ` +
      `compositor name=mix background=black ! video/x-raw,format=RGBA,width=16,height=16,framerate=25/1 ! appsink name=out sync=false`;
    await withPipeline(description, async (pipeline) => {
      let colour: number[] = [];
      let frames = 0;
      attachSink(elementOf(pipeline, 'out'), (sample) => {
        colour = [...sample.data.subarray(0, 3)];
        frames++;
      });
      const picture = (rgb: readonly number[]) =>
        Buffer.concat(Array.from({ length: 256 }, () => Buffer.from([...rgb, 255])));
      const near = (wanted: readonly number[]) => () =>
        colour.length === 3 && colour.every((value, i) => Math.abs(value - must(wanted[i])) < 12);
      await pipeline.play(0);
      expect(pushBuffer(elementOf(pipeline, 'in'), picture([255, 0, 0]), { ptsNs: 0 })).toBe('ok');
      await until('red', near([255, 0, 0]));
      const seen = frames;
      await until('more frames of it', () => frames > seen + 5);
      expect(near([255, 0, 0])()).toBe(true);
      expect(
        pushBuffer(elementOf(pipeline, 'in'), picture([0, 0, 255]), { ptsNs: pipeline.runningTime() }),
      ).toBe('ok');
      await until('blue', near([0, 0, 255]));
    });
  });

  test('says when it needs data and when it has enough', async () => {
    await withPipeline('appsrc name=in max-bytes=1000 ! fakesink sync=false', async (pipeline) => {
      const source = elementOf(pipeline, 'in');
      let wanted = 0;
      let enough = 0;
      const stop = onNeedData(source, (bytes) => {
        wanted += bytes;
      });
      const stopToo = onEnoughData(source, () => {
        enough++;
      });
      await pipeline.play(0);
      await until('a want', () => wanted > 0);
      await pipeline.pause(0); // a source that is not drained fills
      for (let i = 0; i < 10; i++) expect(pushBuffer(source, new Uint8Array(2000))).toBe('ok');
      await until('enough', () => enough > 0);
      stop();
      stop();
      stopToo();
      const before = enough;
      pushBuffer(source, new Uint8Array(2000));
      pushBuffer(source, new Uint8Array(2000));
      await pipeline.stop();
      await pause(20);
      expect(enough).toBe(before);
    });
  });

  test('refuses what would block or is no buffer', async () => {
    await withPipeline('appsrc name=in ! fakesink name=f', (pipeline) => {
      const source = elementOf(pipeline, 'in');
      expect(codeOf(() => pushBuffer(elementOf(pipeline, 'f'), new Uint8Array(1)))).toBe('wrong-element');
      expect(codeOf(() => pushBuffer(source, 'text' as never))).toBe('bad-type');
      expect(codeOf(() => pushBuffer(source, new Uint16Array(1) as never))).toBe('bad-type');
      expect(codeOf(() => pushBuffer(source, new Uint8Array(1), { ptsNs: -1 }))).toBe('bad-value');
      expect(codeOf(() => pushBuffer(source, new Uint8Array(1), { ptsNs: Number.NaN }))).toBe('bad-value');
      expect(codeOf(() => setCaps(source, '%%'))).toBe('parse');
      source.set('block', true);
      expect(codeOf(() => pushBuffer(source, new Uint8Array(1)))).toBe('would-block');
    });
  });
});
