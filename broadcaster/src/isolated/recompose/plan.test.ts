import { sceneOf } from '../../compositor/testing/harness.ts';
import type { Manifest, ManifestTrack } from '../manifest.ts';
import { planOf } from './plan.ts';

const track = (personId: string, name: string, ...takes: readonly [number, number][]): ManifestTrack => ({
  id: `${personId}-camera`,
  personId,
  name,
  source: 'camera',
  takes: takes.map(([fromMs, toMs], take) => ({
    take,
    sourceId: `source-${take}`,
    codec: 'VP8',
    fromMs,
    toMs,
    list: '',
    chunks: [{ file: `${personId}-camera/1.webm`, fromMs, toMs, size: null, frames: 1, byteLength: 1 }],
  })),
});
const manifest: Manifest = {
  version: 1,
  channelId: 'show-1',
  startUnixMs: 100_000,
  tracks: [track('ada1', 'Ada', [0, 4000], [6000, 9000]), track('bob1', 'Bob', [500, 8000])],
};
const titled = (title: string) => sceneOf({ title });
const scenes = [
  { atUnixMs: 90_000, scene: titled('before') },
  { atUnixMs: 99_000, scene: titled('at first') },
  { atUnixMs: 103_000, scene: titled('then') },
  { atUnixMs: 200_000, scene: titled('after') },
];

test('begins with the scene that was there when the first track came, and lasts as long as the last', () => {
  const plan = planOf(manifest, scenes, []);
  expect(plan.durationMs).toBe(9000);
  expect(plan.scenes.map(({ atMs, scene }) => [atMs, scene.title])).toEqual([
    [0, 'at first'],
    [3000, 'then'],
  ]);
  expect(plan.takes.map(({ personId, fromMs, toMs }) => [personId, fromMs, toMs])).toEqual([
    ['ada1', 0, 4000],
    ['ada1', 6000, 9000],
    ['bob1', 500, 8000],
  ]);
});

test('leaves out who is named, by id or by name, and takes as long with them as without', () => {
  for (const who of ['ada1', 'Ada']) {
    const plan = planOf(manifest, scenes, [who]);
    expect(plan.takes.map(({ personId }) => personId)).toEqual(['bob1']);
    expect(plan.durationMs).toBe(9000);
  }
});

test('is refused in words where nobody knows who is meant, or nothing was kept', () => {
  expect(() => planOf(manifest, scenes, ['Eve'])).toThrow('there are no tracks of Eve');
  const twins = { ...manifest, tracks: [...manifest.tracks, track('ada2', 'Ada', [0, 1])] };
  expect(() => planOf(twins, scenes, ['Ada'])).toThrow('several people: say which by their ids, ada1, ada2');
  expect(() => planOf({ ...manifest, tracks: [] }, scenes, [])).toThrow('no tracks');
  expect(() => planOf(manifest, [], [])).toThrow('scenes');
});
