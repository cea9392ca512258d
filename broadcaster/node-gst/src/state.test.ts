import { type BusMessage, init, onLog, parseLaunch } from './index.ts';
import { codeOf, elementOf, must, pause, until, withPipeline } from './testing.ts';

describe('state changes', () => {
  test('a pipeline that cannot preroll fails by its deadline, and says what it waits for', async () => {
    await withPipeline('appsrc ! fakesink', async (pipeline) => {
      await expect(pipeline.pause(200)).rejects.toMatchObject({
        code: 'state-timeout',
        message: expect.stringContaining('still READY with PAUSED pending after 200 ms'),
      });
    });
  });

  test('the event loop goes on while a state change waits', async () => {
    await withPipeline('appsrc ! fakesink', async (pipeline) => {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 5);
      await expect(pipeline.pause(300)).rejects.toMatchObject({ code: 'state-timeout' });
      clearInterval(timer);
      expect(ticks).toBeGreaterThan(5);
    });
  });

  test('a deadline of zero starts the change and does not wait for it', async () => {
    await withPipeline('appsrc ! fakesink', async (pipeline) => {
      expect(await pipeline.play(0)).toBe('async');
    });
  });

  test('live pipelines do not preroll, others do', async () => {
    await withPipeline('videotestsrc is-live=true ! fakesink', async (pipeline) => {
      expect(await pipeline.pause()).toBe('no-preroll');
      expect(await pipeline.play()).toBe('success');
      expect(pipeline.state).toBe('playing');
    });
    await withPipeline('videotestsrc ! fakesink', async (pipeline) => {
      expect(await pipeline.pause()).toBe('success');
      expect(await pipeline.stop()).toBe('success');
      expect(pipeline.state).toBe('null');
    });
  });

  test('a failure carries the text of the error that caused it', async () => {
    await withPipeline('filesrc location=/no/such/file ! fakesink', async (pipeline) => {
      await expect(pipeline.play()).rejects.toMatchObject({
        code: 'state-failed',
        message: expect.stringMatching(/Resource not found.*No such file/s),
      });
    });
  });

  test('an error while it prerolls ends the wait long before the deadline', async () => {
    await withPipeline('fakesrc num-buffers=5 ! h264parse ! avdec_h264 ! fakesink', async (pipeline) => {
      await expect(pipeline.pause(60_000)).rejects.toMatchObject({ code: 'state-failed' });
    });
  });

  test('changes happen in the order they were asked for', async () => {
    await withPipeline('videotestsrc is-live=true ! fakesink', async (pipeline) => {
      for (let i = 0; i < 20; i++) {
        await Promise.allSettled([
          pipeline.play(),
          pipeline.stop(),
          pipeline.pause(),
          pipeline.play(),
          pipeline.stop(),
        ]);
        expect(pipeline.state).toBe('null');
      }
    });
  });

  test('a pipeline whose thread does not come back is given up by the deadline, and the process lives', async () => {
    init();
    const pipeline = parseLaunch('fakesrc ! identity sleep-time=1500000 ! fakesink');
    await pipeline.play(0);
    await pause(50);
    await expect(pipeline.close(200)).rejects.toMatchObject({ code: 'state-timeout' });
    expect(pipeline.closed).toBe(true);
    await pause(1500); // until it has ended behind the scenes
  });

  test('after closing everything is refused, and closing again is nothing', async () => {
    init();
    const pipeline = parseLaunch('videotestsrc name=src ! fakesink');
    const element = elementOf(pipeline, 'src');
    const pad = must(element.getPad('src'));
    let closed = 0;
    pipeline.onClose(() => closed++);
    await pipeline.play();
    const first = pipeline.close();
    expect(pipeline.close()).toBe(first);
    expect(codeOf(() => element.get('pattern'))).toBe('closed');
    await first;
    await pipeline.close();
    expect(closed).toBe(1);
    for (const use of [
      () => pipeline.toDot(),
      () => pipeline.clockNow(),
      () => pipeline.add('fakesrc'),
      () => pipeline.onMessage(() => {}),
      () => element.get('pattern'),
      () => element.requestPad('src_%u'),
      () => element.link(element),
      () => pad.currentCaps(),
      () => pad.unlink(),
    ]) {
      expect(codeOf(use)).toBe('closed');
    }
    await expect(pipeline.play()).rejects.toMatchObject({ code: 'closed' });
    await expect(element.setState('playing', 100)).rejects.toMatchObject({ code: 'closed' });
  });

  test('the clock, base time and latency can be read and set', async () => {
    const live = 'videotestsrc is-live=true ! video/x-raw,framerate=25/1 ! fakesink sync=true';
    await withPipeline(live, async (pipeline) => {
      pipeline.useClock('realtime');
      pipeline.setStartTimeNone();
      pipeline.setBaseTime(123n);
      await pipeline.play();
      expect(Number(pipeline.clockNow() / 1_000_000n)).toBeGreaterThan(Date.now() - 5000);
      expect(Number(pipeline.clockNow() / 1_000_000n)).toBeLessThan(Date.now() + 5000);
      expect(pipeline.baseTime()).toBe(123n);
      expect(pipeline.latency()).toMatchObject(
        { live: true, minNs: 60_000_000 } /* a frame, and the sink's processing deadline */,
      );
      expect(await pipeline.recalculateLatency()).toBe(true);
      pipeline.setFixedLatency(100_000_000);
      pipeline.setFixedLatency(null);
      expect(codeOf(() => pipeline.useClock('lunar' as never))).toBe('bad-value');
      expect(pipeline.toDot()).toContain('digraph');
    });
  });
});

describe('the bus', () => {
  test('tells errors, the end, and state changes in their order', async () => {
    await withPipeline('videotestsrc num-buffers=3 ! fakesink', async (pipeline) => {
      const messages: BusMessage[] = [];
      const stop = pipeline.onMessage((message) => messages.push(message));
      await pipeline.play();
      await until('the end', () => messages.some((message) => message.type === 'eos'));
      const states = messages.filter((m) => m.type === 'state-changed' && m.source === pipeline.name);
      expect(states.map((m) => `${m.oldState}>${m.newState}`)).toEqual([
        'null>ready',
        'ready>paused',
        'paused>playing',
      ]);
      stop();
      const { length } = messages;
      await pipeline.stop();
      expect(messages).toHaveLength(length);
    });
    await withPipeline('fakesrc num-buffers=2 ! fakesink state-error=ready-to-paused', async (pipeline) => {
      const errors: BusMessage[] = [];
      pipeline.onMessage((message) => message.type === 'error' && errors.push(message));
      await expect(pipeline.play()).rejects.toMatchObject({ code: 'state-failed' });
      await until('the error', () => errors.length > 0);
      expect(errors[0]).toMatchObject({
        source: expect.stringMatching(/^fakesink/),
        errorCode: expect.any(Number),
      });
      expect(must(errors[0]).domain).toMatch(/^gst-.*-error-quark$/);
    });
  });

  test('gives the fields of an element message as plain data', async () => {
    const description =
      'audiotestsrc num-buffers=50 ! audio/x-raw,channels=2 ! level name=meter interval=100000000 ! fakesink';
    await withPipeline(description, async (pipeline) => {
      const levels: BusMessage[] = [];
      pipeline.onMessage((message) => message.type === 'element' && levels.push(message));
      await pipeline.play();
      await until('a level', () => levels.length > 0);
      const [level] = levels;
      expect(level).toMatchObject({ source: 'meter', structureName: 'level' });
      expect(must(level).structure).toMatch(/^level, /);
      const rms = must(level).fields?.rms;
      expect(rms).toHaveLength(2);
      expect(Number((rms as unknown[])[0])).toBeLessThan(0);
    });
  });

  test('signals of elements arrive with objects wrapped', async () => {
    await withPipeline('videotestsrc num-buffers=5 ! decodebin name=d fakesink name=f', async (pipeline) => {
      const pads: string[] = [];
      const stop = elementOf(pipeline, 'd').onSignal('pad-added', ([pad]) => {
        if (typeof pad === 'object' && pad !== null) pads.push(pad.name);
      });
      await pipeline.play(0);
      await until('a pad', () => pads.length > 0);
      expect(pads).toEqual(['src_0']);
      stop();
      stop();
      expect(codeOf(() => elementOf(pipeline, 'd').onSignal('no-such-signal', () => {}))).toBe('no-signal');
    });
  });

  test('events are sent, and EOS through the pipeline reaches the bus', async () => {
    await withPipeline('videotestsrc is-live=true ! fakesink name=f', async (pipeline) => {
      let ended = false;
      pipeline.onMessage((message) => {
        if (message.type === 'eos') ended = true;
      });
      await pipeline.play();
      expect(await pipeline.sendEvent({ type: 'eos' })).toBe(true);
      await until('EOS', () => ended);
      await expect(pipeline.sendEvent({ type: 'nope' } as never)).rejects.toMatchObject({
        code: 'bad-value',
      });
      const malformed = { type: 'custom-upstream', structure: '' } as const;
      await expect(pipeline.sendEvent(malformed)).rejects.toMatchObject({ code: 'parse' });
    });
  });

  test("GLib's warnings go to the log hook", async () => {
    const records: string[] = [];
    const stop = onLog((record) => records.push(`${record.level} ${record.message}`));
    try {
      await withPipeline('x264enc name=e', async (pipeline) => {
        elementOf(pipeline, 'e').set('option-string', null); // which x264enc itself complains about
        await until('the record', () => records.length > 0);
        expect(records[0]).toMatch(/^critical g_string_assign/);
      });
    } finally {
      stop();
    }
  });
});
