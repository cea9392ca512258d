import { CAMERA_LAYERS } from '@rostrum/contracts';
import { init } from '@rostrum/node-gst';
import { bitrateOf } from '../../panelist/clip.ts';
import { filmTurn } from './camera.ts';
import { PEOPLE } from './cast.ts';
import { FRAME_RATE } from './motion.ts';

beforeAll(() => init());

test("a turn is coded in the camera's layers, with a key frame each second and within a camera's bitrates", async () => {
  const frames = FRAME_RATE + 3;
  const [person] = PEOPLE;
  if (!person) throw new Error('nobody in the cast');
  const layers = await filmTurn(person, 'listen', [], frames);
  expect(layers.map(({ width, height }) => [width, height])).toEqual([
    [320, 180],
    [640, 360],
    [1280, 720],
  ]);
  for (const [i, layer] of layers.entries()) {
    expect(layer.frames).toHaveLength(frames);
    const keys = layer.frames.flatMap(({ keyframe }, frame) => (keyframe ? [frame] : []));
    expect(keys).toEqual([0, FRAME_RATE]);
    // VP8's own word for it: the lowest bit of the first byte.
    for (const { data, keyframe } of layer.frames) expect(((data[0] ?? 1) & 1) === 0).toBe(keyframe);
    expect(bitrateOf(layer)).toBeLessThan(CAMERA_LAYERS[i]?.maxBitrate ?? 0);
  }
});
