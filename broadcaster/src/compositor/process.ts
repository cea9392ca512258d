/** A channel's compositor as a process of its own: started by the supervisor, spoken to by messages. */
import { RostrumError } from '@rostrum/contracts/errors';
import { init, keepElements, tellCrashes } from '@rostrum/node-gst';
import { takeNice } from '@rostrum/service-kit/priorities';
import { createRoomMeter } from '@rostrum/service-kit/room';
import { ownCoresMeter } from '../child/own-cores.ts';
import { failureOf } from '../child/replies.ts';
import { Compositor } from './compositor.ts';
import { unconfined } from './confined.ts';
import { ELEMENTS } from './elements.ts';
import {
  CRASH_FD,
  type FatalReason,
  type FromCompositor,
  type Reply,
  type Request,
  type ToCompositor,
} from './messages.ts';

const STATS_EVERY_MS = 1000;
/** A pipeline that does not stop is left to the system. */
const STOP_WITHIN_MS = 1500;

let compositor: Compositor | null = null;

const say = (message: FromCompositor): void => {
  if (process.connected) process.send?.(message);
};

/** Tells why, then ends; exit status 70 is EX_SOFTWARE. */
function fatal(reason: FatalReason, message: string): void {
  if (!process.connected || !process.send) process.exit(70);
  process.send({ type: 'fatal', reason, message } satisfies FromCompositor, () => process.exit(70));
  setTimeout(() => process.exit(70), 200);
}

async function start(message: Extract<ToCompositor, { type: 'start' }>): Promise<void> {
  // A picture that is late is lost. Threads inherit this, so it has to come before GStreamer's.
  const notFirst = takeNice('compositor');
  if (notFirst) say({ type: 'log', level: 'warn', message: notFirst, fields: {} });
  const lack = unconfined(process.env.CONFINED, process.getuid?.());
  if (lack) say({ type: 'log', level: 'warn', message: lack, fields: {} });
  init();
  keepElements(ELEMENTS);
  tellCrashes(CRASH_FD);
  compositor = await Compositor.start({
    ...message,
    nowUnixMs: Date.now,
    hasRoom: createRoomMeter(),
    onEvent: (event) => say({ type: 'event', event }),
    onSource: (sourceId, news) => say({ type: 'source', sourceId, news }),
    onFatal: fatal,
    log: (level, text, fields) => say({ type: 'log', level, message: text, fields }),
  });
  say({ type: 'started' });
  const cores = ownCoresMeter();
  setInterval(() => {
    if (!compositor) return;
    say({ type: 'stats', stats: { ...compositor.look(), cpuCores: cores() } });
  }, STATS_EVERY_MS).unref();
}

async function handle(request: Request): Promise<Reply> {
  if (!compositor) throw new RostrumError('unavailable', 'the compositor has not started');
  switch (request.type) {
    case 'scene':
      await compositor.setScene(request.scene);
      return { ok: true, value: null };
    case 'bed':
      await compositor.setBed(request.plays);
      return { ok: true, value: null };
    case 'source.add':
      return { ok: true, value: await compositor.addSource(request.source, request.trust) };
    case 'source.remove':
      await compositor.removeSource(request.sourceId);
      return { ok: true, value: null };
  }
}

async function stop(): Promise<void> {
  setTimeout(() => process.exit(0), STOP_WITHIN_MS);
  try {
    await compositor?.close();
  } finally {
    process.exit(0);
  }
}

process.on('message', (message: ToCompositor) => {
  switch (message.type) {
    case 'start':
      start(message).catch((error: unknown) => fatal('start-failed', String(error)));
      break;
    case 'request':
      handle(message.request)
        .catch((error: unknown): Reply => ({ ok: false, error: failureOf(error) }))
        .then((result) => say({ type: 'reply', requestId: message.requestId, result }))
        .catch((error: unknown) => fatal('uncaught', String(error)));
      break;
    case 'stop':
      void stop();
      break;
  }
});
// The broadcaster is gone: so is the channel's way out.
process.on('disconnect', () => process.exit(0));
// Ctrl-C in a terminal reaches the whole group; the parent says when to stop.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void stop());
process.on('uncaughtException', (error) => fatal('uncaught', error.stack ?? String(error)));
process.on('unhandledRejection', (error) => fatal('uncaught', String(error)));

say({ type: 'hello' });
