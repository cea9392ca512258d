/** A synthetic camera and microphone: once a second the picture turns white for 120 ms, with a beep that starts with it. */
import { type Pipeline, pushBuffer } from '@rostrum/node-gst';

const RATE = 48_000;
const [WIDTH, HEIGHT] = [320, 180];
const FLASH_MS = 120;
const isOn = (ms: number): boolean => ms % 1000 < FLASH_MS && ms >= 1000;

export const FLASH_SOURCES = `appsrc name=camera format=time block=false max-bytes=0 caps="video/x-raw,format=I420,width=${WIDTH},height=${HEIGHT},framerate=25/1" ! `;
export const BEEP_SOURCES = `appsrc name=mic format=time block=false max-bytes=0 caps="audio/x-raw,format=S16LE,rate=${RATE},channels=1,layout=interleaved" ! `;

/** Fills both sources of a pipeline (see above) with `seconds` of show. */
export function fillFlashBeep(pipeline: Pipeline, seconds: number): void {
  const camera = pipeline.element('camera');
  const mic = pipeline.element('mic');
  if (!camera || !mic) throw new Error('no camera or microphone to fill');
  const frame = (luma: number): Buffer => {
    const data = Buffer.alloc((WIDTH * HEIGHT * 3) / 2, 128);
    data.fill(luma, 0, WIDTH * HEIGHT);
    return data;
  };
  const [dark, bright] = [frame(40), frame(235)];
  for (let n = 0; n < seconds * 25; n += 1) {
    pushBuffer(camera, isOn(n * 40) ? bright : dark, { ptsNs: n * 40_000_000, durationNs: 40_000_000 });
  }
  for (let n = 0; n < seconds * 50; n += 1) {
    const data = Buffer.alloc((RATE / 50) * 2);
    for (let i = 0; i < RATE / 50; i += 1) {
      const ms = n * 20 + (i * 1000) / RATE;
      data.writeInt16LE(
        isOn(ms) ? Math.round(Math.sin((2 * Math.PI * 1000 * ms) / 1000) * 16_000) : 0,
        i * 2,
      );
    }
    pushBuffer(mic, data, { ptsNs: n * 20_000_000, durationNs: 20_000_000 });
  }
}
