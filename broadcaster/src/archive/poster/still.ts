/** A picture of coded video, by GStreamer in a process of its own, behind everything else on the machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { pipeline } from 'node:stream/promises';

const PIPELINE =
  'fdsrc fd=0 ! qtdemux name=file file.video_0 ! queue ! h264parse ! avdec_h264 max-threads=1 ! videoconvert ! ' +
  'jpegenc quality=85 snapshot=true ! fdsink fd=1';
/** Behind all else it may take long. Where nothing is in the file that it waits for, it waits until then. */
const DEADLINE_MS = 60_000;
const MAX_BYTES = 8 * 1024 * 1024;
const LEAST_PRIORITY = 19;

/** The first picture as JPEG. `media`: an init segment and what follows it. Rejects when there is none, or it takes a minute. */
export async function stillOf(
  media: Uint8Array,
  signal?: AbortSignal,
  deadlineMs: number = DEADLINE_MS,
): Promise<Buffer> {
  const child = spawn('gst-launch-1.0', ['-q', ...PIPELINE.split(' ')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: deadlineMs,
    killSignal: 'SIGKILL',
    ...(signal ? { signal } : {}),
  });
  const closed = once(child, 'close');
  try {
    if (child.pid !== undefined) setPriority(child.pid, LEAST_PRIORITY);
  } catch {
    // It is over, or the system lets nobody do that: it is short.
  }
  const chunks: Buffer[] = [];
  let byteLength = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    byteLength += chunk.byteLength;
    if (byteLength <= MAX_BYTES) chunks.push(chunk);
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(0, 2000);
  });
  // It has its picture before it has read everything.
  pipeline([Buffer.from(media)], child.stdin).catch(() => undefined);
  const [code] = (await closed) as [number | null];
  const jpeg = Buffer.concat(chunks);
  if (code === 0 && byteLength <= MAX_BYTES && isJpeg(jpeg)) return jpeg;
  throw new Error(`no picture (${code ?? 'killed'}): ${words.trim() || 'nothing was said'}`);
}

/** From start of image to end of image (ISO/IEC 10918-1, B.1.1.3). */
const isJpeg = (bytes: Buffer): boolean =>
  bytes.byteLength > 100 &&
  bytes.readUInt16BE(0) === 0xffd8 &&
  bytes.readUInt16BE(bytes.length - 2) === 0xffd9;
