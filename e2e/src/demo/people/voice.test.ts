import { init } from '@rostrum/node-gst';
import { TURN_FRAMES, TURN_S } from './motion.ts';
import { codeSound, mouthsOf, placeInTurn, SAMPLE_RATE } from './voice.ts';

const tone = (seconds: number, hz: number, level = 0.8): Float32Array =>
  Float32Array.from(
    { length: seconds * SAMPLE_RATE },
    (_, i) => level * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE),
  );

test('a sentence stands in its turn with silence around it, as loud as all others', () => {
  for (const level of [0.1, 0.9]) {
    const turn = placeInTurn(tone(3, 200, level));
    expect(turn.length).toBe(TURN_S * SAMPLE_RATE);
    expect(Math.max(...turn.subarray(0, SAMPLE_RATE * 0.3).map(Math.abs))).toBe(0);
    expect(Math.max(...turn.subarray(-SAMPLE_RATE * 0.4).map(Math.abs))).toBe(0);
    expect(turn.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0)).toBeCloseTo(0.5, 2);
  }
});

test('what is too long for a turn is cut, and never runs into the next', () => {
  const turn = placeInTurn(tone(TURN_S + 3, 200));
  expect(turn.length).toBe(TURN_S * SAMPLE_RATE);
  expect(Math.max(...turn.subarray(-SAMPLE_RATE * 0.4).map(Math.abs))).toBe(0);
});

test('the mouth is open while there is sound, and shut before and after it', () => {
  const mouths = mouthsOf(placeInTurn(tone(2, 400)));
  expect(mouths).toHaveLength(TURN_FRAMES);
  const shut = mouths.flatMap(({ open }, frame) => (open === 0 ? [frame] : []));
  // Sound is from 0.4 s to 2.4 s: pictures 10 to 59; a mouth takes a moment to close.
  expect(shut.filter((frame) => frame >= 10 && frame < 60)).toEqual([]);
  expect(shut).toEqual(expect.arrayContaining([0, 9, 75, TURN_FRAMES - 1]));
});

test('bright sounds spread the mouth, dark ones round it, and hissing ones nearly shut it', () => {
  const at = (hz: number) => mouthsOf(placeInTurn(tone(2, hz)))[40];
  expect(at(250)?.spread).toBeLessThan(-0.3);
  expect(at(1600)?.spread).toBeGreaterThan(0.3);
  expect(at(5000)?.open).toBeLessThan((at(400)?.open ?? 0) / 2);
});

test('sound becomes as many Opus packets of 20 ms as it is long', async () => {
  init();
  const packets = await codeSound(tone(1, 440));
  expect(packets).toHaveLength(50);
  // SILK or hybrid or CELT, of 20 ms, mono, one frame: what a browser sends (RFC 6716, 3.1).
  for (const packet of packets) expect([1, 13, 15, 19, 23, 27, 31]).toContain((packet[0] ?? 0) >> 3);
});
