/** ffprobe and GStreamer's hlsdemux2: both follow a live playlist to its end and count what they decoded. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Decoded {
  readonly pictures: number;
  /** AAC frames of 1024 samples. */
  readonly soundFrames: number;
  /** What the program complained about. */
  readonly complaints: string;
}

/** Decodes everything from the first segment listed on, up to ENDLIST. Rejects when ffprobe fails or is aborted. */
export async function decodeWithFfprobe(url: string, signal: AbortSignal): Promise<Decoded> {
  const { stdout, stderr } = await run(
    'ffprobe',
    [
      ...['-v', 'error', '-of', 'json', '-count_frames', '-live_start_index', '0'],
      ...['-show_entries', 'stream=codec_type,nb_read_frames', url],
    ],
    { signal },
  );
  const { streams }: { streams: { codec_type: string; nb_read_frames?: string }[] } = JSON.parse(stdout);
  const count = (kind: string): number =>
    Number(streams.find((stream) => stream.codec_type === kind)?.nb_read_frames ?? 0);
  return { pictures: count('video'), soundFrames: count('audio'), complaints: stderr };
}

const PICTURE = { width: 64, height: 36 };

/** Decodes from where hlsdemux2 begins, up to the end of the stream. Rejects when the pipeline fails or is aborted. */
export async function decodeWithGStreamer(url: string, signal: AbortSignal): Promise<Decoded> {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-gst-'));
  const [pictures, sound] = [join(folder, 'pictures'), join(folder, 'sound')];
  // Everything decoded is written in a form of fixed size, so that bytes count pictures and samples exactly.
  const { width, height } = PICTURE;
  const pipeline = [
    ...['uridecodebin3', `uri=${url}`, 'name=decoder'],
    ...['decoder.', '!', 'queue', '!', 'videoconvert', '!', 'videoscale', '!'],
    ...[`video/x-raw,format=GRAY8,width=${width},height=${height}`, '!', 'filesink', `location=${pictures}`],
    ...['decoder.', '!', 'queue', '!', 'audioconvert', '!', 'audio/x-raw,format=S16LE,channels=1', '!'],
    ...['filesink', `location=${sound}`],
  ];
  try {
    const { stderr } = await run('gst-launch-1.0', ['-q', ...pipeline], {
      signal,
      // 1.22 prefers the older demultiplexer.
      env: { ...process.env, GST_PLUGIN_FEATURE_RANK: 'hlsdemux2:MAX' },
    });
    return {
      pictures: (await stat(pictures)).size / (width * height),
      soundFrames: (await stat(sound)).size / (2 * 1024),
      complaints: stderr,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
