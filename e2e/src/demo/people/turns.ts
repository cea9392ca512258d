import { z } from 'zod';
import { type Clip, levelDbov, SILENCE_DBOV, type VideoLayer } from '../../panelist/clip.ts';
import { filmTurn } from './camera.ts';
import type { Person } from './cast.ts';
import { CLOSED, TURN_FRAMES, TURN_S } from './motion.ts';
import { codeSound, SAMPLE_RATE, speakTurn } from './voice.ts';

/** What is kept of a person: two turns, coded once, of which a conversation of any size is put together. */

const Bytes = z.custom<Buffer>((value) => Buffer.isBuffer(value), 'not bytes');
const Layer = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  frames: z.array(z.object({ data: Bytes, keyframe: z.boolean() })).readonly(),
});
const Turn = z.object({
  layers: z.array(Layer).readonly(),
  audio: z.array(Bytes),
  levelsDbov: z.array(z.number()),
});

export const Turns = z.object({ speak: Turn, listen: Turn });
export type Turns = z.infer<typeof Turns>;

const PACKET_SAMPLES = SAMPLE_RATE / 50;
export const TURN_MS = TURN_S * 1000;

/** -127 (silence) .. 0, for each packet of 20 ms. */
function levelsOf(samples: Float32Array, packets: number): number[] {
  return Array.from({ length: packets }, (_, i) =>
    levelDbov(
      Int16Array.from(samples.subarray(i * PACKET_SAMPLES, (i + 1) * PACKET_SAMPLES), (s) => s * 32_767),
    ),
  );
}

/**
 * Speaks, draws and codes a person's two turns, which takes some ten seconds each.
 * @param done told after each of them
 */
export async function makeTurns(person: Person, done: () => void): Promise<Turns> {
  const { samples, mouths } = await speakTurn(person);
  const audio = await codeSound(samples);
  const speak = await filmTurn(person, 'speak', mouths, TURN_FRAMES);
  done();
  const silence = await codeSound(new Float32Array(samples.length));
  const listen = await filmTurn(
    person,
    'listen',
    mouths.map(() => CLOSED),
    TURN_FRAMES,
  );
  done();
  return {
    speak: { layers: speak, audio, levelsDbov: levelsOf(samples, audio.length) },
    listen: { layers: listen, audio: silence, levelsDbov: silence.map(() => SILENCE_DBOV) },
  };
}

/**
 * A clip in which somebody speaks for the first of `turns` turns and listens in the others. The turns share their media, so
 * that it costs no memory.
 */
export function conversation(name: string, { speak, listen }: Turns, turns: number): Clip {
  const all = [speak, ...Array.from({ length: turns - 1 }, () => listen)];
  return {
    name,
    layers: speak.layers.map(
      ({ width, height }, i): VideoLayer => ({
        width,
        height,
        frames: all.flatMap(({ layers }) => layers[i]?.frames ?? []),
      }),
    ),
    audio: all.flatMap(({ audio }) => audio),
    levelsDbov: all.flatMap(({ levelsDbov }) => levelsDbov),
  };
}
