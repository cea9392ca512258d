/** The programme that was recorded, as pictures and windows of sound with their programme dates. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { FRAME_RATE } from '@rostrum/contracts/profile';
import { readClock } from '@rostrum/e2e/clock';
import type { HeardWindow, SeenFrame } from '@rostrum/e2e/network/network-probe';
import { toneLevels, WINDOW_MS } from '../sound-holes.ts';

/** The strip of a clock that fills the picture's width, at eight pixels a cell. */
const STRIP = { width: 144, height: 40 };
const WHOLE = { x: 0, y: 0, width: STRIP.width, height: STRIP.height * 6 };
const FRAME_BYTES = STRIP.width * STRIP.height * 4;

export interface Programme {
  readonly frames: readonly SeenFrame[];
  readonly sound: readonly HeardWindow[];
}

/**
 * @param recordingUrl multivariant playlist of a recording whose picture is one camera with a clock
 * @param hz of that camera's tone
 */
export async function readProgramme(recordingUrl: string, hz: number): Promise<Programme> {
  const { url, startUnixMs } = await smallestVideo(recordingUrl);
  const frames = await clocks(url, startUnixMs);
  const levels = await toneLevels(url, hz);
  return {
    frames,
    sound: levels.map((level, i) => ({ atUnixMs: startUnixMs + i * WINDOW_MS, level })),
  };
}

/** Its clock is as readable as in any other, and it is the least work. */
async function smallestVideo(recordingUrl: string): Promise<{ url: string; startUnixMs: number }> {
  const multivariant = await (await fetch(recordingUrl)).text();
  const listed = [...multivariant.matchAll(/^#EXT-X-STREAM-INF:.*RESOLUTION=(\d+)x.*\n(\S+)$/gm)];
  const [smallest] = listed.toSorted((a, b) => Number(a[1]) - Number(b[1]));
  if (!smallest) throw new Error(`no video in ${recordingUrl}`);
  const url = new URL(smallest[2] ?? '', recordingUrl).href;
  const text = await (await fetch(url)).text();
  const [, date = ''] = /^#EXT-X-PROGRAM-DATE-TIME:(.+)$/m.exec(text) ?? [];
  // Where it was cut, what follows would be dated wrongly.
  if (text.includes('#EXT-X-DISCONTINUITY')) throw new Error('the compositor did not live through it');
  return { url, startUnixMs: Date.parse(date) };
}

async function clocks(url: string, startUnixMs: number): Promise<SeenFrame[]> {
  const filter = `fps=${FRAME_RATE},crop=iw:ih/6:0:0,scale=${STRIP.width}:${STRIP.height}:flags=area`;
  const ffmpeg = spawn(
    'ffmpeg',
    ['-v', 'error', '-i', url, '-an', '-vf', filter, '-pix_fmt', 'rgba', '-f', 'rawvideo', '-'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(ffmpeg, 'exit');
  const frames: SeenFrame[] = [];
  let rest = Buffer.alloc(0);
  for await (const chunk of ffmpeg.stdout) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (; rest.length >= FRAME_BYTES; rest = rest.subarray(FRAME_BYTES)) {
      frames.push({
        atUnixMs: startUnixMs + (frames.length * 1000) / FRAME_RATE,
        height: 0,
        clock: readClock({ ...STRIP, data: rest.subarray(0, FRAME_BYTES) }, WHOLE),
      });
    }
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  return frames;
}
