import { attachSink, countBuffers, forceKeyUnit, type SampleOut } from './index.ts';
import { codeOf, collect, elementOf, must, until, withPipeline } from './testing.ts';

const encoded = (buffers: number, options = '') =>
  `videotestsrc num-buffers=${buffers} ! video/x-raw,format=I420,width=320,height=240,framerate=25/1 ! ` +
  `x264enc name=enc speed-preset=ultrafast ${options} ! video/x-h264,stream-format=avc ! appsink name=out sync=false`;

describe('samples of an appsink', () => {
  test('come whole and in order, with times, key frame flags and codec data', async () => {
    await withPipeline(encoded(75, 'tune=zerolatency key-int-max=25'), async (pipeline) => {
      const samples = await collect(pipeline);
      expect(samples).toHaveLength(75);
      expect(samples.map((sample) => sample.runningTimeNs)).toEqual(samples.map((_, i) => i * 40_000_000));
      expect(samples.every((sample) => sample.ptsNs === sample.dtsNs)).toBe(true);
      expect(samples.every((sample) => sample.durationNs === 40_000_000)).toBe(true);
      expect(samples.flatMap((sample, i) => (sample.keyframe ? [i] : []))).toEqual([0, 25, 50]);

      const [first, ...others] = samples;
      expect(must(first).caps).toMatch(/^video\/x-h264/);
      expect(must(first).discont).toBe(true);
      const codecData = must(must(first).codecData);
      expect(codecData[0]).toBe(1); // AVCDecoderConfigurationRecord, version 1
      expect(must(first).caps).toContain(codecData.toString('hex'));
      expect(others.every((sample) => sample.caps === undefined && sample.codecData === undefined)).toBe(
        true,
      );
      for (const sample of samples) {
        // Each is a whole access unit: NAL units, each after its 4-byte length.
        let at = 0;
        while (at < sample.data.length) at += 4 + sample.data.readUInt32BE(at);
        expect(at).toBe(sample.data.length);
      }
    });
  });

  test('with reordered frames DTS rises while PTS does not, and DTS starts below zero', async () => {
    await withPipeline(encoded(50, 'bframes=2 b-adapt=false'), async (pipeline) => {
      const samples = await collect(pipeline);
      const pts = samples.map((sample) => must(sample.runningTimeNs));
      const dts = samples.map((sample) => must(sample.dtsRunningTimeNs));
      expect(pts).not.toEqual([...pts].sort((a, b) => a - b));
      expect(dts).toEqual([...dts].sort((a, b) => a - b));
      expect(must(dts[0])).toBeLessThan(0);
      expect(dts.every((time, i) => time <= must(pts[i]))).toBe(true);
    });
  });

  test('large and small samples have the same bytes at two sinks of one tee', async () => {
    const description =
      'videotestsrc num-buffers=20 pattern=snow ! video/x-raw,width=640,height=360 ! x264enc speed-preset=ultrafast ' +
      'quantizer=10 pass=quant ! tee name=t ! queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 ! appsink name=out sync=false ' +
      't. ! queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 ! appsink name=other sync=false';
    await withPipeline(description, async (pipeline) => {
      const others: SampleOut[] = [];
      attachSink(elementOf(pipeline, 'other'), (sample) => others.push(sample));
      const samples = await collect(pipeline);
      await until('the other sink', () => others.length === samples.length);
      expect(Math.max(...samples.map((sample) => sample.data.length))).toBeGreaterThan(4096);
      for (const [i, sample] of samples.entries())
        expect(sample.data.equals(must(others[i]).data)).toBe(true);
    });
  });

  test('stay readable after the pipeline is closed', async () => {
    let samples: SampleOut[] = [];
    await withPipeline(
      'fakesrc num-buffers=50 sizetype=fixed sizemax=50000 filltype=pattern ! appsink name=out',
      async (p) => {
        samples = await collect(p);
      },
    );
    const expected = Buffer.from(Array.from({ length: 50_000 }, (_, i) => i % 256));
    expect(samples).toHaveLength(50);
    expect(samples.every((sample) => sample.data.equals(expected))).toBe(true);
  });

  test('a forced key unit is the next coded frame', async () => {
    const live = encoded(-1, 'tune=zerolatency key-int-max=10000').replace(
      'videotestsrc',
      'videotestsrc is-live=true',
    );
    await withPipeline(live, async (pipeline) => {
      const keys: number[] = [];
      let count = 0;
      attachSink(elementOf(pipeline, 'out'), (sample) => {
        if (sample.keyframe) keys.push(count);
        count++;
      });
      await pipeline.play();
      await until('ten frames', () => count >= 10);
      expect(keys).toEqual([0]);
      expect(forceKeyUnit(elementOf(pipeline, 'enc'), { allHeaders: true })).toBe(true);
      await until('a key frame', () => keys.length === 2);
      expect(forceKeyUnit(must(elementOf(pipeline, 'enc').getPad('src')))).toBe(true);
      await until('another key frame', () => keys.length === 3);
      expect(forceKeyUnit(must(elementOf(pipeline, 'out').getPad('sink')))).toBe(true);
      await until('one more key frame', () => keys.length === 4);
      const at = pipeline.runningTime() + 400_000_000n;
      expect(forceKeyUnit(elementOf(pipeline, 'enc'), { runningTimeNs: at, count: 7 })).toBe(true);
      await until('the key frame at its time', () => keys.length === 5);
      expect(pipeline.runningTime()).toBeGreaterThan(at - 100_000_000n);
    });
  });

  test('beyond maxQueued new ones are dropped, counted, and the gap is marked', async () => {
    await withPipeline('fakesrc num-buffers=500 name=src ! appsink name=out sync=false', async (pipeline) => {
      const samples: SampleOut[] = [];
      let ended = false;
      const attachment = attachSink(elementOf(pipeline, 'out'), (sample) => samples.push(sample), {
        maxQueued: 10,
        onEos: () => {
          ended = true;
        },
      });
      const played = pipeline.play();
      const busyUntil = Date.now() + 300; // JavaScript is busy, the pipeline is not
      while (Date.now() < busyUntil);
      await played;
      await until('the end', () => ended);
      const stats = attachment.stats();
      expect(stats.delivered).toBe(samples.length);
      expect(stats.dropped).toBe(500 - samples.length);
      expect(stats.dropped).toBeGreaterThan(0);
      expect(stats.maxQueuedSeen).toBeLessThanOrEqual(11); // and EOS
      expect(stats.queued).toBe(0);
      expect(samples.reduce((sum, sample) => sum + sample.droppedBefore, 0)).toBeLessThanOrEqual(
        stats.dropped,
      );
    });
  });

  test('a sink that waits when full loses nothing, and still stops at once', async () => {
    const description =
      'fakesrc name=src sizetype=fixed sizemax=8 num-buffers=3000 ! appsink name=out sync=false';
    await withPipeline(description, async (pipeline) => {
      let ended = false;
      const attachment = attachSink(elementOf(pipeline, 'out'), () => {}, {
        maxQueued: 4,
        whenFull: 'wait',
        onEos: () => {
          ended = true;
        },
      });
      await pipeline.play();
      await until('the end', () => ended);
      expect(attachment.stats()).toMatchObject({ delivered: 3000, dropped: 0, bytes: 24_000 });
    });
    await withPipeline(description.replace('num-buffers=3000', ''), async (pipeline) => {
      attachSink(elementOf(pipeline, 'out'), () => {}, { maxQueued: 1, whenFull: 'wait' });
      await pipeline.play();
      expect(await pipeline.stop(2000)).toBe('success');
    });
  });

  test('nothing is delivered after detaching', async () => {
    await withPipeline('fakesrc ! appsink name=out sync=false', async (pipeline) => {
      let count = 0;
      const detach = attachSink(elementOf(pipeline, 'out'), () => {
        count++;
        if (count === 3) detach();
      });
      await pipeline.play();
      await until('three samples', () => count >= 3);
      const seen = count;
      const counter = countBuffers(must(elementOf(pipeline, 'out').getPad('sink')));
      await until('a hundred more buffers', () => counter.read().buffers > 100);
      // What was in the batch under way still comes; nothing after it.
      expect(count).toBeLessThanOrEqual(seen + 64);
      const after = count;
      await until('a thousand buffers', () => counter.read().buffers > 1000);
      expect(count).toBe(after);
    });
  });

  test('memory does not grow over ten thousand samples', async () => {
    const description =
      'fakesrc num-buffers=10000 sizetype=fixed sizemax=60000 filltype=zero ! appsink name=out sync=false';
    const run = () =>
      withPipeline(description, async (pipeline) => {
        let ended = false;
        let bytes = 0;
        attachSink(elementOf(pipeline, 'out'), (sample) => (bytes += sample.data.length), {
          maxQueued: 100,
          whenFull: 'wait',
          onEos: () => {
            ended = true;
          },
        });
        await pipeline.play();
        await until('the end', () => ended, 20_000);
        expect(bytes).toBe(600_000_000);
      });
    await run(); // what the collector and the allocator keep for themselves
    const before = process.memoryUsage().rss;
    await run();
    await run();
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6); // of 1.2 GB that went through
  });

  test('a counter on a pad counts without JavaScript, and says how old the last buffer is', async () => {
    await withPipeline(
      'fakesrc num-buffers=30 sizetype=fixed sizemax=100 ! fakesink name=f sync=false',
      async (pipeline) => {
        const counter = countBuffers(must(elementOf(pipeline, 'f').getPad('sink')));
        expect(counter.read()).toEqual({ buffers: 0, bytes: 0, lastPtsNs: null, ageMs: null });
        await pipeline.play();
        await until('all buffers', () => counter.read().buffers === 30);
        expect(counter.read().bytes).toBe(3000);
        expect(counter.read().ageMs).toBeGreaterThanOrEqual(0);
        counter.close();
        counter.close();
        expect(counter.read().buffers).toBe(30);
      },
    );
  });

  test('only an appsink can be attached to, and only with a sensible bound', async () => {
    await withPipeline('fakesrc ! fakesink name=f appsrc ! appsink name=out', (pipeline) => {
      expect(codeOf(() => attachSink(elementOf(pipeline, 'f'), () => {}))).toBe('wrong-element');
      expect(codeOf(() => attachSink(elementOf(pipeline, 'out'), () => {}, { maxQueued: 0 }))).toBe(
        'bad-value',
      );
    });
  });
});
