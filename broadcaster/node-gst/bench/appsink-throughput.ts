// How much of GStreamer's own speed is left when every buffer goes to JavaScript: the same source into
// fakesink, then into an appsink whose samples are delivered. One JSON line per buffer size.
//   node bench/appsink-throughput.ts
import { attachSink, init, parseLaunch } from '../src/index.ts';

interface Case {
  readonly what: string;
  readonly bytes: number;
  readonly buffers: number;
}

const cases: readonly Case[] = [
  { what: 'audio frame', bytes: 400, buffers: 40_000 },
  { what: 'coded picture', bytes: 20_000, buffers: 40_000 },
  { what: 'coded key picture', bytes: 150_000, buffers: 10_000 },
  { what: 'raw 720p picture', bytes: 1_382_400, buffers: 1_500 },
];

// fakesrc and fakesink do next to nothing for a buffer, so the ratio is a lower bound: the figure that
// counts beside real elements is microsecondsPerBuffer.
const source = ({ bytes, buffers }: Case) =>
  `fakesrc num-buffers=${buffers} sizetype=fixed sizemax=${bytes} filltype=zero format=time`;

async function intoFakesink(measured: Case): Promise<number> {
  const pipeline = parseLaunch(`${source(measured)} ! fakesink sync=false`);
  const ended = new Promise<void>((resolve) => {
    pipeline.onMessage((message) => {
      if (message.type === 'eos') resolve();
    });
  });
  const startMs = performance.now();
  await pipeline.play();
  await ended;
  const tookMs = performance.now() - startMs;
  await pipeline.close();
  return tookMs;
}

async function intoJavaScript(measured: Case): Promise<number> {
  const pipeline = parseLaunch(`${source(measured)} ! appsink name=out sync=false`);
  const out = pipeline.element('out');
  if (out === null) throw new Error('the pipeline has no appsink');
  let bytes = 0;
  const ended = new Promise<void>((resolve) => {
    attachSink(out, (sample) => (bytes += sample.data.length), {
      maxQueued: 128,
      whenFull: 'wait',
      onEos: resolve,
    });
  });
  const startMs = performance.now();
  await pipeline.play();
  await ended;
  const tookMs = performance.now() - startMs;
  await pipeline.close();
  if (bytes !== measured.bytes * measured.buffers) throw new Error(`${bytes} bytes came through`);
  return tookMs;
}

init();
for (const measured of cases) {
  const fakesinkMs = await intoFakesink(measured);
  const appsinkMs = await intoJavaScript(measured);
  const megabytes = (measured.bytes * measured.buffers) / 1e6;
  console.log(
    JSON.stringify({
      what: measured.what,
      bufferBytes: measured.bytes,
      buffers: measured.buffers,
      appsinkBuffersPerSecond: Math.round((measured.buffers / appsinkMs) * 1000),
      microsecondsPerBuffer: Math.round((appsinkMs / measured.buffers) * 10_000) / 10,
      appsinkMBps: Math.round((megabytes / appsinkMs) * 1000),
      fakesinkMBps: Math.round((megabytes / fakesinkMs) * 1000),
      ratio: Math.round((fakesinkMs / appsinkMs) * 1000) / 1000,
    }),
  );
}
