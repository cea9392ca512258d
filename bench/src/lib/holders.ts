/**
 * One process of viewers who hold the same request, told what to do over IPC. It shares its cores with the server it
 * measures, so nothing is parsed while answers come: bytes are put aside with their time, and looked at when all is still.
 */
import { connect, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { monotonicMs } from './monotonic.ts';

export type ToHolders =
  | { readonly do: 'connect'; readonly port: number; readonly count: number }
  | { readonly do: 'ask'; readonly path: string }
  | { readonly do: 'leave' };

export type FromHolders = { readonly did: 'connect' | 'ask' } | ({ readonly did: 'hear' } & Heard);

export interface Heard {
  /** When the last byte of each good answer came, on `monotonicMs`. */
  readonly atMs: Float64Array;
  /** Viewers with no answer, half an answer, or any status but 200. */
  readonly failed: number;
  /** Different bodies among the good answers, unpacked (latin1). */
  readonly bodies: readonly string[];
  /** Processor time the viewers took from the first byte to the last, in ms. */
  readonly cpuMs: number;
}

/** An answer has to fit. */
const SLOT_BYTES = 32 * 1024;
const STILL_MS = 300;
const GIVE_UP_MS = 15_000;

const buffer = Buffer.allocUnsafe(64 * 1024);
let sockets: Socket[] = [];
let kept = Buffer.alloc(0);
let lengths = new Uint32Array(0);
let atMs = new Float64Array(0);
let silent = 0;
let lastMs = 0;
let atFirst = process.cpuUsage();

const say = (message: FromHolders): void => {
  process.send?.(message);
};

/** Every chunk comes into the one buffer, straight from the socket. */
function listen(viewer: number): (length: number) => boolean {
  return (length) => {
    const before = lengths[viewer] ?? 0;
    if (silent === sockets.length) atFirst = process.cpuUsage();
    if (before === 0) silent -= 1;
    buffer.copy(kept, viewer * SLOT_BYTES + before, 0, Math.min(length, SLOT_BYTES - before));
    lengths[viewer] = before + length;
    lastMs = monotonicMs();
    atMs[viewer] = lastMs;
    return true;
  };
}

async function open(port: number, count: number): Promise<void> {
  kept = Buffer.alloc(count * SLOT_BYTES);
  atMs = new Float64Array(count);
  lengths = new Uint32Array(count);
  // A few at a time: a listen queue has an end.
  while (sockets.length < count) {
    const more = Array.from({ length: Math.min(100, count - sockets.length) }, (_, i) =>
      connect({
        port,
        host: '127.0.0.1',
        noDelay: true,
        onread: { buffer, callback: listen(sockets.length + i) },
      }),
    );
    await Promise.all(
      more.map((socket) => new Promise((done) => socket.once('connect', done).once('error', done))),
    );
    // Who is cut off has no whole answer, and is counted so.
    for (const socket of more) socket.on('error', () => socket.destroy());
    sockets.push(...more);
  }
  say({ did: 'connect' });
}

async function ask(path: string): Promise<void> {
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n`;
  lengths.fill(0);
  silent = sockets.length;
  const giveUpMs = monotonicMs() + GIVE_UP_MS;
  for (const socket of sockets) if (!socket.destroyed) socket.write(request);
  say({ did: 'ask' });
  do await new Promise((resolve) => setTimeout(resolve, STILL_MS));
  while (monotonicMs() < giveUpMs && (silent > 0 || monotonicMs() - lastMs < STILL_MS));
  const { user, system } = process.cpuUsage(atFirst);
  say({ did: 'hear', ...heard((user + system) / 1000) });
}

function heard(cpuMs: number): Heard {
  const good = sockets.map((_, viewer) => bodyOf(viewer));
  const bodies = [...new Set(good)].filter((body) => body !== null).map(unpacked);
  return {
    atMs: atMs.filter((_, viewer) => good[viewer] !== null),
    failed: good.filter((body) => body === null).length,
    bodies,
    cpuMs,
  };
}

const unpacked = (body: string): string =>
  body.startsWith('\x1f\x8b') ? gunzipSync(Buffer.from(body, 'latin1')).toString('latin1') : body;

/** The body of a viewer's answer, as latin1; null when it is not one whole answer. */
function bodyOf(viewer: number): string | null {
  const length = lengths[viewer] ?? 0;
  const start = viewer * SLOT_BYTES;
  const answer = kept.toString('latin1', start, start + Math.min(length, SLOT_BYTES));
  const head = answer.indexOf('\r\n\r\n') + 4;
  const contentLength = /\r\ncontent-length: *(\d+)\r\n/i.exec(answer.slice(0, head))?.[1];
  const whole = head > 4 && length <= SLOT_BYTES && length === head + Number(contentLength);
  return whole && answer.startsWith('HTTP/1.1 200 ') ? answer.slice(head) : null;
}

process.on('message', (message: ToHolders) => {
  if (message.do === 'connect') void open(message.port, message.count);
  else if (message.do === 'ask') void ask(message.path);
  else {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    process.disconnect();
  }
});
