/** Clocks in the pictures of a file, as ffmpeg decodes it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { type Area, readClock } from '../lib/clock.ts';
import { CLOCK_HEIGHT_SHARE } from '../lib/synthetic-media.ts';

const run = promisify(execFile);
/** Pictures are brought to this width: eighteen cells of 35 pixels over all of it. */
const WIDTH = 640;
const ROWS = 3;
const GREY_TO_RGBA = 4;

export interface Seen {
  /** Since the file's beginning. */
  readonly atMs: number;
  /** null: no clock is readable. */
  readonly reading: number | null;
}

/**
 * Of each picture the clock in `area`, which is told in pixels of `canvas`. Rejects where ffmpeg has anything to complain of, or
 * gives another number of pictures than there are.
 */
export async function clocksIn(
  file: string,
  area: Area,
  canvas: { readonly width: number; readonly height: number },
): Promise<Seen[]> {
  const scale = WIDTH / canvas.width;
  const height = Math.round(canvas.height * scale);
  const middle = Math.round((area.y + (area.height * CLOCK_HEIGHT_SHARE) / 2) * scale);
  const filters = `scale=${WIDTH}:${height},crop=${WIDTH}:${ROWS}:0:${middle - 1},format=gray`;
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-xerror', '-i', file, '-map', '0:v:0', '-vf', filters],
      ...['-fps_mode', 'passthrough', '-f', 'rawvideo', '-'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const exit = once(ffmpeg, 'exit');
  const complaints = text(ffmpeg.stderr);
  const strip = {
    x: area.x * scale,
    y: 1 - (area.height * scale * CLOCK_HEIGHT_SHARE) / 2,
    width: area.width * scale,
    height: area.height * scale,
  };
  const size = WIDTH * ROWS;
  const readings: (number | null)[] = [];
  let rest = Buffer.alloc(0);
  for await (const chunk of ffmpeg.stdout as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    for (; rest.byteLength >= size; rest = rest.subarray(size)) {
      const data = new Uint8Array(size * GREY_TO_RGBA);
      for (let i = 0; i < size; i += 1) data.fill(rest[i] ?? 0, i * GREY_TO_RGBA, (i + 1) * GREY_TO_RGBA);
      readings.push(readClock({ width: WIDTH, height: ROWS, data }, strip));
    }
  }
  const [code] = (await exit) as [number | null];
  const said = await complaints;
  if (code !== 0 || said !== '') throw new Error(`ffmpeg ended with ${code} over ${file}: ${said}`);
  const times = await timesIn(file);
  if (times.length !== readings.length)
    throw new Error(`${readings.length} pictures of ${times.length} in ${file}`);
  return readings.map((reading, i) => ({ atMs: times[i] ?? 0, reading }));
}

async function timesIn(file: string): Promise<number[]> {
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', file],
    { maxBuffer: 1 << 26 },
  );
  const times = stdout.split('\n').flatMap((line) => (line === '' ? [] : [Number.parseFloat(line) * 1000]));
  return times.toSorted((a, b) => a - b);
}

export async function durationMsOf(file: string): Promise<number> {
  const asked = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', file];
  const { stdout } = await run('ffprobe', asked);
  return Number.parseFloat(stdout) * 1000;
}

/** What ffmpeg has to say of a file when it decodes all of it. */
export async function complaintsOf(file: string): Promise<string> {
  const { stderr } = await run('ffmpeg', [
    '-nostdin',
    '-v',
    'error',
    '-xerror',
    '-i',
    file,
    '-f',
    'null',
    '-',
  ]);
  return stderr;
}

/** What is in a file, or in those of a list, as one file, nothing coded again. @returns what ffmpeg complains of */
export async function copyTo(file: string, source: string): Promise<string> {
  const { stderr } = await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-i', source, '-c', 'copy', file]);
  return stderr;
}
