/**
 * The real process under malformed media, for seconds, or for as many as ROSTRUM_MALFORMED_SECONDS says: whatever strangers send,
 * nobody else's picture suffers.
 */
import { layoutScene } from '@rostrum/contracts/layout';
import { init, parseLaunch, pushBuffer } from '@rostrum/node-gst';
import { sourceDescription } from './source-bin.ts';
import { camera, compose, send, sendHome, stream } from './testing/cast.ts';
import { decodePictures, type Harness, people, sceneOf, until } from './testing/harness.ts';
import { vp8KeyFrame } from './testing/headers.ts';
import { HostileSender, payloadsOf, randomOf, Spoiler } from './testing/hostile.ts';
import type { RtpStream } from './testing/rtp-sender.ts';

const SECONDS = Number(process.env.ROSTRUM_MALFORMED_SECONDS ?? 8);
const SEED = Number(process.env.ROSTRUM_MALFORMED_SEED ?? 1);
/** Decoding all of a long run at once would take gigabytes; and the senders live in this process, too. */
const WINDOW_MS = 4000;
const EVERY_MS = { VP8: 20, VP9: 20, H264: 20, OPUS: 10 } as const;

const attacks: HostileSender[] = [];
afterEach(async () => {
  for (const attack of attacks.splice(0)) attack.stop();
  await sendHome();
});

/** The rendition that is left out last where the machine has other work. */
const TRACK = '480p';
const givenMs = (harness: Harness): number => (harness.samples(TRACK).at(-1)?.ptsNs ?? 0) / 1e6;

const scene = sceneOf({ onAir: people('ada1', 'eve1', 'mal1') });

/** The share of the newest `ms` in which somebody's picture was another than in the frame before. */
async function moving(harness: Harness, personId: string, ms: number): Promise<number> {
  const tile = layoutScene(scene).tiles.find((t) => t.personId === personId);
  if (!tile) throw new Error('no tile');
  const all = harness.samples(TRACK);
  const from = all.findLastIndex((s) => s.keyframe && s.ptsNs <= (givenMs(harness) - ms) * 1e6);
  const pictures = await decodePictures(all.slice(Math.max(0, from)), harness.config(TRACK));
  const looks = pictures.map((picture) =>
    Array.from({ length: 64 }, (_, i) => {
      const [x, y] = [((i % 8) + 0.5) / 8, (Math.floor(i / 8) + 0.5) / 8];
      return picture.at(tile.x + tile.width * x, tile.y + tile.height * y).g;
    }),
  );
  const moved = looks.filter((look, i) => {
    const before = looks[i - 1];
    return before?.some((g, at) => Math.abs(g - (look[at] ?? 0)) > 8);
  });
  return moved.length / Math.max(1, looks.length - 1);
}

const sized = (to: RtpStream, width: number, height: number): string =>
  camera('snow', to).replace('width=320,height=180', `width=${width},height=${height}`);

/** Waits until so much more of the programme is out, however long a machine with other work takes for it. */
async function goOn(harness: Harness, ms: number): Promise<void> {
  const end = givenMs(harness) + ms;
  for (let at = givenMs(harness); at < end; ) {
    const next = Math.min(end, at + 250);
    await until(
      `programme up to ${next} ms`,
      () => givenMs(harness) >= next || harness.exit !== null,
      120_000,
    );
    if (harness.exit !== null) throw new Error(`the compositor died: ${harness.exit}`);
    at = next;
  }
}

/** The last thing told of a source's being left out: its reason, or null when it is not. */
const withheld = (harness: Harness, from: RtpStream): string | null => {
  const news = harness.news.flatMap(({ sourceId, news }) =>
    sourceId === from.options.sourceId && news.is === 'withheld' ? [news.refusal?.reason ?? null] : [],
  );
  return news.at(-1) ?? null;
};

test(
  'other pictures keep moving, the compositor lives, and whoever sends something decent again is seen again',
  async () => {
    const ada = await stream({ personId: 'ada1', source: 'camera' });
    const hostile = [
      await stream({ personId: 'eve1', source: 'camera', codec: 'H264' }),
      await stream({ personId: 'mal1', source: 'camera', codec: 'VP8' }),
      await stream({ personId: 'mal1', source: 'screen', codec: 'VP9' }),
      await stream({ personId: 'eve1', source: 'mic' }),
    ];
    const harness = await compose({ scene });
    for (const one of [ada, ...hostile]) await harness.add(one);
    await send(camera('snow', ada), [ada]);
    await until('pictures of ada', () => (harness.stats?.packetsIn ?? 0) > 30);
    await goOn(harness, WINDOW_MS);
    const before = await moving(harness, 'ada1', 2000);
    expect(before).toBeGreaterThan(0.8);

    const random = randomOf(SEED);
    for (const one of hostile) {
      const { codec } = one.options;
      const spoiler = new Spoiler(codec, await payloadsOf(codec), random);
      attacks.push(new HostileSender(one, spoiler, random, EVERY_MS[codec]));
    }
    const windows: number[] = [];
    for (let ms = 0; ms < SECONDS * 1000; ms += WINDOW_MS) {
      await goOn(harness, WINDOW_MS);
      windows.push(await moving(harness, 'ada1', 2000));
    }
    for (const attack of attacks) {
      expect(attack.sent).toBeGreaterThan(SECONDS * 10);
      attack.stop();
    }
    expect(harness.exit).toBeNull();
    // One window may be spoiled by this process, which sends and decodes.
    const sorted = windows.toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 4)]).toBeGreaterThan(before - 0.15);
    expect(
      harness.news.some(({ news }) => news.is === 'withheld' && news.refusal?.reason === 'too-large'),
    ).toBe(true);

    const [eve] = hostile;
    if (!eve) throw new Error('no eve');
    await send(camera('snow', eve), [eve]);
    // Her clock and her packets' numbers are others now: the jitter buffer takes its time to believe that.
    for (let tries = 0; (await moving(harness, 'eve1', 1000)) < 0.5; tries += 1) {
      expect(tries).toBeLessThan(15);
      await goOn(harness, 2000);
    }
    expect(withheld(harness, eve)).toBeNull();
  },
  300_000 + SECONDS * 10_000,
);

test('pictures that are too large are left out before the decoder, the name card is shown at once, and the reason is told', async () => {
  const [eve, ada] = [
    await stream({ personId: 'eve1', source: 'camera', codec: 'H264' }),
    await stream({ personId: 'ada1', source: 'camera' }),
  ];
  const harness = await compose({ scene, pictureCap: { longSide: 240, shortSide: 160 } });
  await harness.add(eve);
  await harness.add(ada);
  const sender = await send(sized(eve, 320, 180) + sized(ada, 160, 90), [eve, ada]);
  await until('it is told', () => withheld(harness, eve) === 'too-large');
  await goOn(harness, 2500);
  expect(await moving(harness, 'eve1', 1000)).toBeLessThan(0.1); // a card that is coded is not wholly still
  expect(await moving(harness, 'ada1', 1000)).toBeGreaterThan(0.5);
  expect(withheld(harness, ada)).toBeNull();
  expect(
    harness.news.some(({ sourceId, news }) => sourceId === eve.options.sourceId && news.is === 'suspect'),
  ).toBe(false);
  await sender.stop();
});

test.each(['H264', 'VP8', 'VP9'] as const)(
  'what our reading of %s headers would let past, the second one in the bin does not',
  async (codec) => {
    const eve = await stream({ personId: 'eve1', source: 'camera', codec });
    init();
    const pipeline = parseLaunch('appsink name=sink sync=false');
    const bin = pipeline.add(
      sourceDescription(eve.describe(), 50, 1, { longSide: 240, shortSide: 160 }),
      'source-1',
    );
    const [from, to, rtp] = [bin.getPad('src'), pipeline.element('sink')?.getPad('sink'), bin.element('rtp')];
    if (!from || !to || !rtp) throw new Error('incomplete bin');
    from.link(to);
    const errors: string[] = [];
    pipeline.onMessage((m) => m.type === 'error' && errors.push(`${m.path} ${m.debug}`));
    void pipeline.play().catch(() => undefined);
    eve.packet = (packet) => errors.length === 0 && pushBuffer(rtp, packet);
    await send(sized(eve, 320, 180), [eve]);
    await until('an error', () => errors.length > 0);
    expect(errors[0]).toMatch(/not-negotiated/);
    await pipeline.close();
  },
);

test('a stream that begins as 1x1 VP8 is not decoded', async () => {
  const mal = await stream({ personId: 'mal1', source: 'camera' });
  const harness = await compose({ scene });
  await harness.add(mal);
  const header = Buffer.alloc(12);
  header.writeUInt8(0x80, 0);
  header.writeUInt8(0x80 | mal.describe().payloadType, 1);
  header.writeUInt32BE(mal.describe().ssrc, 8);
  mal.raw(Buffer.concat([header, vp8KeyFrame({ width: 1, height: 1 })]));
  await until('it is told', () => withheld(harness, mal) === 'too-small');
});
