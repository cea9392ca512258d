/** Compositors, streams and senders of a test, and what they send. */
import { Harness } from './harness.ts';
import { encode, RtpSender, RtpStream, type StreamOptions } from './rtp-sender.ts';

/** What a test of the compositor brings together; all of it ends with the test (`sendHome`). */
const open: { harness: Harness[]; senders: RtpSender[]; streams: RtpStream[] } = {
  harness: [],
  senders: [],
  streams: [],
};
export async function sendHome(): Promise<void> {
  await Promise.all(open.senders.splice(0).map((s) => s.stop()));
  for (const s of open.streams.splice(0)) s.close();
  await Promise.all(open.harness.splice(0).map((h) => h.stop()));
}

export async function compose(changes: ConstructorParameters<typeof Harness>[0] = {}): Promise<Harness> {
  const harness = new Harness(changes);
  open.harness.push(harness);
  await harness.process.started;
  return harness;
}

let ssrc = 1000;
export async function stream(
  options: Partial<StreamOptions> & Pick<StreamOptions, 'personId' | 'source'>,
): Promise<RtpStream> {
  ssrc += 10;
  const codec = options.source === 'mic' || options.source === 'screenAudio' ? 'OPUS' : 'VP8';
  const opened = await RtpStream.open({ sourceId: `source-of-${ssrc}`, codec, ssrc, ...options });
  open.streams.push(opened);
  return opened;
}

export async function send(...args: Parameters<typeof RtpSender.start>): Promise<RtpSender> {
  const sender = await RtpSender.start(...args);
  open.senders.push(sender);
  return sender;
}

export const camera = (pattern: string, to: RtpStream): string =>
  `videotestsrc is-live=true pattern=${pattern} ! video/x-raw,width=320,height=180,framerate=25/1 ! ${encode(to)} `;
export const tone = (hz: number, to: RtpStream): string =>
  `audiotestsrc is-live=true freq=${hz} volume=0.3 ! audio/x-raw,rate=48000,channels=1 ! ${encode(to)} `;

export const median = (all: readonly number[]): number =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;

/** From 0 to 1, the same in each run. */
function numbers(): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}

/** Delays between `baseMs` and `byMs` more, the same in each run. */
export function jitter(baseMs: number, byMs: number): () => number {
  const next = numbers();
  return () => baseMs + next() * byMs;
}

/**
 * What a line that loses a share of all packets, each way, does to those from a panelist: the SFU misses one when the next one comes,
 * asks for it then and at the steps of its clock after 100 ms, until a question and its answer both get through.
 */
export function sentAgain(share: number): () => number {
  const next = numbers();
  return () => {
    if (next() >= share) return 0;
    let lateMs = 10 + next() * 20;
    while (next() < share || next() < share) lateMs += 120;
    return lateMs;
  };
}
