import { spawn } from 'node:child_process';

const library = JSON.stringify(new URL('./index.ts', import.meta.url).href);
const addon = JSON.stringify(new URL('../build/Release/node_gst.node', import.meta.url).pathname);

const streaming = `
  import * as gst from ${library};
  gst.init();
  const pipeline = gst.parseLaunch(
    'videotestsrc ! video/x-raw,width=320,height=240 ! x264enc tune=zerolatency speed-preset=ultrafast ! appsink name=v sync=false ' +
    'audiotestsrc ! avenc_aac ! appsink name=a sync=false');
  let count = 0;
  for (const name of ['v', 'a']) gst.attachSink(pipeline.element(name), () => { count++; });
  pipeline.onMessage(() => {});
  pipeline.element('v').onSignal('eos', () => {});
  gst.onLog(() => {});
  pipeline.play();
  const flowing = async (at) => { while (count < at) await new Promise((resolve) => setTimeout(resolve, 5)); };
`;

/** Runs a program in a process of its own. */
function run(program: string): Promise<{ code: number | null; signal: string | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', program], {
      env: { ...process.env, NODE_OPTIONS: '' },
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.on('data', (bytes) => {
      output += bytes;
    });
    child.stderr.on('data', (bytes) => {
      output += bytes;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
}

describe('a process', () => {
  test('that exits while pipelines stream ends with its own code, every time', async () => {
    const runs = Array.from({ length: 6 }, (_, i) =>
      run(`${streaming} await flowing(${20 + i * 37}); process.exit(7);`),
    );
    for (const result of await Promise.all(runs))
      expect(result).toEqual({ code: 7, signal: null, output: '' });
  });

  test('that was told to keep some elements can make no others, whatever a description says', async () => {
    const result = await run(`
      import * as gst from ${library};
      gst.init();
      gst.keepElements(['fakesrc', 'fakesink', 'avdec_h264']);
      const made = (text) => { try { gst.parseLaunch(text); return 'made'; } catch (error) { return error.code; } };
      console.log(made('fakesrc ! fakesink'), made('filesrc location=/etc/passwd ! fakesink'), gst.hasElement('tcpclientsrc'), made('avdec_h264 name=of-a-plugin-with-many'), made('avdec_hevc'));`);
    expect(result.output).toBe('made parse false made parse\n');
  });

  test('that ends by a fault tells first in whose thread it was, and ends by it all the same', async () => {
    const inMain = await run(`
      import * as gst from ${library};
      gst.init();
      gst.tellCrashes(1);
      process.title = 'somebody';
      process.abort();`);
    expect(inMain).toMatchObject({ code: null, signal: 'SIGABRT' });
    expect(inMain.output).toMatch(/somebody$/);
  });

  test('that throws while pipelines stream ends with the exception', async () => {
    const result = await run(`${streaming} await flowing(20); throw new Error('on purpose');`);
    expect(result).toMatchObject({ code: 1, signal: null });
    expect(result.output).toContain('on purpose');
  });

  test('lives as long as a pipeline runs, and ends by itself when it is closed', async () => {
    const result = await run(`${streaming}
      pipeline.onClose(() => console.log('closed', count >= 200));
      flowing(200).then(() => pipeline.close());
      // Nothing but the pipeline keeps the process from here on.
    `);
    expect(result).toEqual({ code: 0, signal: null, output: 'closed true\n' });
  });

  test('may end worker threads that stream; its own pipelines go on', async () => {
    const result = await run(`${streaming}
      import { Worker } from 'node:worker_threads';
      const code = ${JSON.stringify(streaming)} + "import { parentPort } from 'node:worker_threads'; await flowing(10); parentPort.postMessage('flows');";
      for (let i = 0; i < 4; i++) {
        const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)));
        await new Promise((resolve, reject) => { worker.on('message', resolve); worker.on('error', reject); });
        await worker.terminate();
      }
      await flowing(count + 50);
      await pipeline.close();
      console.log('done');
    `);
    expect(result).toEqual({ code: 0, signal: null, output: 'done\n' });
  });

  test('hears of an exception in a listener, and the next listener of the message', async () => {
    const result = await run(`${streaming}
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      const stop = pipeline.onMessage(() => { throw new Error('of a listener'); });
      await new Promise((resolve) => pipeline.onMessage(resolve));
      stop();
      await new Promise((resolve) => {
        const detach = gst.attachSink(pipeline.element('a'), () => { detach(); setImmediate(resolve); throw new Error('of a sink'); });
      });
      await pipeline.close();
    `);
    expect(result).toMatchObject({ code: 0, signal: null });
    expect(result.output).toContain('uncaught of a listener\n');
    expect(result.output).toContain('uncaught of a sink\n');
  });

  test('may load the addon twice, and use what both loads made', async () => {
    const result = await run(`
      import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      const one = require(${addon});
      delete require.cache[require.resolve(${addon})];
      const two = require(${addon});
      one.init([]); two.init([]);
      const pipelines = [one, two].map((native) => [native, native.parseLaunch('videotestsrc is-live=true ! fakesink')]);
      for (const [native, pipeline] of pipelines) console.log(await native.setState(pipeline, 'playing', 5000));
      console.log(one !== two, two.kind(pipelines[0][1]));
      for (const [native, pipeline] of pipelines) await native.closePipeline(pipeline);
    `);
    expect(result).toEqual({ code: 0, signal: null, output: 'success\nsuccess\ntrue pipeline\n' });
  });

  test('that misuses the addon gets errors with codes and does not abort', async () => {
    const result = await run(`
      import { createRequire } from 'node:module';
      const native = createRequire(import.meta.url)(${addon});
      const codes = new Set();
      const note = (error) => codes.add(error.code ?? 'none: ' + error);
      try { native.parseLaunch('fakesrc'); } catch (error) { note(error); }
      native.init([]);
      const element = native.binElements(native.parseLaunch('fakesrc ! fakesink'))[0];
      for (const [name, call] of Object.entries(native)) {
        if (['isHandle', 'init', 'keepAlive', 'setLog', 'liveObjects', 'version'].includes(name)) continue;
        for (const args of [[], [null], [{}], [element], [element, 1], [element, {}, {}], [element, element, element], [native.parseLaunch('fakesrc'), Symbol()]]) {
          try { Promise.resolve(call(...args)).catch(note); } catch (error) { note(error); }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
      console.log([...codes].sort().join(' '));
    `);
    expect(result.signal).toBeNull();
    expect(result.output).not.toContain('none:');
    expect(result.output).toMatch(/bad-type.*not-initialised/);
    expect(result.code).toBe(0);
  });

  test('lets go of pipelines that are closed, or that nobody refers to', async () => {
    const result = await run(`
      import * as gst from ${library};
      gst.init();
      for (let i = 0; i < 50; i++) gst.parseLaunch('videotestsrc name=v ! fakesink').element('v').get('pattern');
      for (let i = 0; i < 50; i++) { // closed ones let go of what listened to them
        const pipeline = gst.parseLaunch('videotestsrc name=v ! appsink name=a');
        pipeline.onMessage(() => pipeline.name);
        gst.attachSink(pipeline.element('a'), () => pipeline.name);
        pipeline.element('v').onSignal('pad-added', () => pipeline.name);
        const bin = pipeline.add('fakesrc name=f ! fakesink');
        bin.element('f').onSignal('handoff', () => pipeline.name);
        if (i % 2) await pipeline.remove(bin);
        await pipeline.close();
      }
      const before = gst.liveObjects();
      for (let i = 0; i < 10; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 20)); }
      console.log(before > 50, gst.liveObjects() < 5);
    `);
    expect(result).toEqual({ code: 0, signal: null, output: 'true true\n' });
  });
});
