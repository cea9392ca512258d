/**
 * The people of one room, in a process of their own so that what they do when theirs is lost is not seen in the others: one
 * sends sound and a small picture, the other listens and writes down when packets come. Ends with its parent.
 */

import { Arrivals } from '@rostrum/e2e/panelist/arrivals';
import { listening, NO_MEDIA } from '@rostrum/e2e/panelist/listener';
import type { PanelistMedia } from '@rostrum/e2e/panelist/media';
import { type PacedTask, pacer } from '@rostrum/e2e/panelist/pacer';
import { joinHeadless } from '@rostrum/e2e/panelist/panelist';
import { openSession } from '@rostrum/e2e/panelist/session';
import { monotonicMs } from '../monotonic.ts';
import type { FromRoom, ToRoom } from './room-messages.ts';

const SOUND_MS = 20;
const SOUND_BYTES = 80;
const SOUNDS_PER_FRAME = 2;
const FRAME_BYTES = 700;

const tell = (message: FromRoom): void => {
  process.send?.(message);
};

/** As much as tells a key frame from another for a server that does not decode: the lowest bit of VP8's first byte. */
const frame = (keyframe: boolean) => ({ data: Buffer.alloc(FRAME_BYTES, keyframe ? 0 : 1), keyframe });

const MEDIA: PanelistMedia = {
  layers: [{ width: 320, height: 180, maxBitrate: 300_000 }],
  async start(sink) {
    let sounds = 0;
    let keyframe = true;
    const task: PacedTask & { dueMs: number } = {
      dueMs: pacer.nowMs(),
      run() {
        sink.audio(Buffer.alloc(SOUND_BYTES), task.dueMs, -30);
        if (sounds % SOUNDS_PER_FRAME === 0) {
          sink.video(0, frame(keyframe), task.dueMs);
          keyframe = false;
        }
        sounds += 1;
        task.dueMs += SOUND_MS;
      },
    };
    const leave = pacer.add(task);
    return {
      keyFrameWanted() {
        keyframe = true;
      },
      stop: async () => leave(),
    };
  },
};

const arrivals = new Arrivals(monotonicMs);

async function run(coordinatorUrl: string, speaker: string, listener: string): Promise<void> {
  let stays = 0;
  await Promise.all([
    joinHeadless({
      ...{ coordinatorUrl, token: speaker, media: MEDIA, openSession },
      onTrouble: ({ code }) => tell({ told: 'trouble', who: 'speaker', code, atMs: monotonicMs() }),
    }),
    joinHeadless({
      ...{ coordinatorUrl, token: listener, media: NO_MEDIA },
      openSession(options) {
        const stay = stays;
        stays += 1;
        const beganMs = monotonicMs();
        return listening(({ kind, sequence, producerId }) => {
          if (arrivals.came({ stay, producerId, sequence })) {
            tell({ told: 'first', stay, kind, beganMs, atMs: monotonicMs() });
          }
        })(options);
      },
      onTrouble: ({ code }) => tell({ told: 'trouble', who: 'listener', code, atMs: monotonicMs() }),
    }),
  ]);
}

process.on('message', (message: ToRoom) => {
  tell({ told: 'holes', ...arrivals.holes(message.fromMs, message.toMs) });
});
process.on('disconnect', () => process.exit(0));
const [coordinatorUrl = '', speaker = '', listener = ''] = process.argv.slice(2);
await run(coordinatorUrl, speaker, listener);
