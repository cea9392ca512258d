/** A channel's recorder of tracks as a process of its own: started by the supervisor, spoken to by messages. */
import { RostrumError } from '@rostrum/contracts/errors';
import { takeNice } from '@rostrum/service-kit/priorities';
import { ownCoresMeter } from '../child/own-cores.ts';
import { failureOf } from '../child/replies.ts';
import type { FromRecorder, Reply, Request, StartMessage, ToRecorder } from './messages.ts';
import { Recorder } from './recorder.ts';

const STATS_EVERY_MS = 1000;
/** Chunks are closed within this, or left to `recoverTracks`. */
const STOP_WITHIN_MS = 2500;

let recorder: Recorder | null = null;

const say = (message: FromRecorder): void => {
  if (process.connected) process.send?.(message);
};

const log = (level: 'info' | 'warn', message: string, fields: object): void =>
  say({ type: 'log', level, message, fields });

async function start(message: StartMessage): Promise<void> {
  const notFirst = takeNice('tracks');
  if (notFirst) log('warn', notFirst, {});
  const { channelId, folder, mediaIp, clockUnixMs, clockAtNs } = message;
  recorder = await Recorder.start({
    channelId,
    folder,
    mediaIp,
    nowUnixMs: () => clockUnixMs + Number(process.hrtime.bigint() - clockAtNs) / 1e6,
    onChunk: (file, byteLength) => say({ type: 'chunk', file, byteLength }),
    log,
  });
  say({ type: 'started' });
  const cores = ownCoresMeter();
  setInterval(() => {
    if (!recorder) return;
    say({ type: 'stats', stats: { ...recorder.look(), cpuCores: cores() } });
  }, STATS_EVERY_MS).unref();
}

async function handle(request: Request): Promise<Reply> {
  if (!recorder) throw new RostrumError('unavailable', 'the recorder has not started');
  switch (request.type) {
    case 'add':
      return { ok: true, value: await recorder.add(request.source, request.name) };
    case 'remove':
      await recorder.remove(request.sourceId);
      return { ok: true, value: null };
  }
}

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), STOP_WITHIN_MS);
  try {
    await recorder?.close();
  } finally {
    // What was said last is to be heard.
    if (process.connected && process.send)
      process.send({ type: 'log', level: 'info', message: 'tracks are closed', fields: {} }, () =>
        process.exit(0),
      );
    else process.exit(0);
  }
}

function fatal(error: unknown): void {
  if (!process.connected || !process.send) process.exit(70);
  const fields = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  const word: FromRecorder = { type: 'log', level: 'warn', message: 'a recorder of tracks failed', fields };
  process.send(word, () => process.exit(70));
  setTimeout(() => process.exit(70), 200);
}

process.on('message', (message: ToRecorder) => {
  switch (message.type) {
    case 'start':
      start(message).catch(fatal);
      break;
    case 'request':
      handle(message.request)
        .catch((error: unknown): Reply => ({ ok: false, error: failureOf(error) }))
        .then((result) => say({ type: 'reply', requestId: message.requestId, result }))
        .catch(fatal);
      break;
    case 'stop':
      void stop();
      break;
  }
});
// The broadcaster is gone: what is recorded is closed, and found by the next one.
process.on('disconnect', () => void stop());
// Ctrl-C in a terminal reaches the whole group; the parent says when to stop.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void stop());
process.on('uncaughtException', fatal);
process.on('unhandledRejection', fatal);
