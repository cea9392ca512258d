/** The real process with a shared screen in VP9 beside cameras in VP8. */
import { layoutScene } from '@rostrum/contracts/layout';
import { camera, compose, send, sendHome, stream } from './testing/cast.ts';
import { decodePictures, people, sceneOf, until } from './testing/harness.ts';
import { encode, type RtpStream } from './testing/rtp-sender.ts';

afterEach(sendHome);

/** The rendition that is left out last where the machine has other work. */
const TRACK = '480p';
const scene = sceneOf({ onAir: people('ada1'), layout: 'screen-speaker', screen: 'ada1', focus: 'ada1' });
const screen = (pattern: string, to: RtpStream): string =>
  `videotestsrc is-live=true pattern=${pattern} ! video/x-raw,width=1280,height=720,framerate=15/1 ! ${encode(to, 15)} `;

/** Middle of a tile in the newest picture. */
async function colourOf(harness: Awaited<ReturnType<typeof compose>>, kind: 'screen' | 'camera') {
  const tile = layoutScene(scene).tiles.find((t) => t.kind === kind);
  if (!tile) throw new Error('no tile');
  const all = harness.samples(TRACK);
  const from = all.findLastIndex((s) => s.keyframe);
  const picture = (await decodePictures(all.slice(Math.max(0, from)), harness.config(TRACK))).at(-1);
  return picture?.at(tile.x + tile.width / 2, tile.y + tile.height / 2) ?? { r: 0, g: 0, b: 0 };
}

test.each<[string, ((sequence: number) => boolean) | undefined]>([
  ['on a good line', undefined],
  ['on one that loses packets', (sequence) => sequence % 97 === 96],
])('a screen in VP9 is in the picture %s, a camera in VP8 beside it', async (_line, lose) => {
  const [face, shared] = [
    await stream({ personId: 'ada1', source: 'camera' }),
    await stream({ personId: 'ada1', source: 'screen', codec: 'VP9', ...(lose ? { lose } : {}) }),
  ];
  const harness = await compose({ scene });
  await harness.add(face);
  await harness.add(shared);
  await send(camera('red', face) + screen('blue', shared), [face, shared]);
  for (let tries = 0; ; tries += 1) {
    const given = harness.samples(TRACK).length;
    await until(
      'a second more',
      () => harness.samples(TRACK).length > given + 25 || harness.exit !== null,
      60_000,
    );
    expect(harness.exit).toBeNull();
    const [large, small] = [await colourOf(harness, 'screen'), await colourOf(harness, 'camera')];
    if (large.b > 150 && large.r < 110 && small.r > 150 && small.b < 110) break;
    expect(tries).toBeLessThan(20);
  }
  expect(harness.news.filter(({ news }) => news.is === 'withheld')).toEqual([]);
  expect(harness.exit).toBeNull();
});
