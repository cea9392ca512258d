/** The real process: RTP in, coded samples out, looked at through decoders. */
import { gridRects, layoutScene, type Rect } from '@rostrum/contracts/layout';
import { PROFILES } from '@rostrum/contracts/profile';
import type { Sample } from '../media/samples.ts';
import { camera, compose, send, sendHome, stream, tone } from './testing/cast.ts';
import {
  decodePictures,
  expectUnbroken,
  type Picture,
  pause,
  people,
  sceneOf,
  toneLevel,
  until,
  VIDEO_TRACKS,
} from './testing/harness.ts';
import { stopThread } from './testing/stop-thread.ts';
import { START_GRID_NS } from './timeline.ts';

afterEach(sendHome);

type Colour = 'red' | 'green' | 'blue' | 'other';
function colourAt(picture: Picture | undefined, rect: Rect, fx = 0.5, fy = 0.5): Colour {
  if (!picture) throw new Error('no picture at that time');
  const { r, g, b } = picture.at(rect.x + rect.width * fx, rect.y + rect.height * fy);
  if (r > 150 && g < 110 && b < 110) return 'red';
  if (g > 110 && r < 110 && b < 110) return 'green';
  return b > 150 && r < 110 && g < 110 ? 'blue' : 'other';
}

const rectOf = (scene: Parameters<typeof sceneOf>[0], personId: string): Rect => {
  const tile = layoutScene(sceneOf(scene)).tiles.find((t) => t.personId === personId);
  if (!tile) throw new Error(`no tile of ${personId}`);
  return tile;
};

const keyFrames = (samples: readonly Sample[]): number[] =>
  samples.filter((s) => s.keyframe).map((s) => s.ptsNs);

describe('an empty channel', () => {
  test('gives out all tracks from its first frame on, on exact grids, key frames together at each segment', async () => {
    const harness = await compose({
      scene: sceneOf({ slide: { kind: 'holding', title: 'HHHH', subtitle: '' } }),
    });
    await harness.more(4500);
    expectUnbroken(harness);
    const kinds = harness.events.map((e) => e.type);
    expect(kinds.slice(0, 4)).toEqual(['config', 'config', 'config', 'config']);
    const [largest = ''] = VIDEO_TRACKS;
    const keys = keyFrames(harness.samples(largest));
    expect((keys[0] ?? -1) % START_GRID_NS).toBe(0);
    expect(harness.samples('audio')[0]?.ptsNs).toBe(keys[0]);
    expect(keys.length).toBeGreaterThan(2);
    keys.forEach((key, i) => {
      expect(key - (keys[0] ?? 0)).toBe(i * PROFILES.standard.segmentMs * 1e6);
    });
    for (const track of VIDEO_TRACKS) {
      const own = keyFrames(harness.samples(track));
      const both = Math.min(own.length, keys.length);
      expect(own.slice(0, both)).toEqual(keys.slice(0, both));
      // AVC form: no start codes, and the first thing in a key frame is no parameter set.
      const sample = harness.samples(track)[0];
      const types = nalTypes(sample?.data ?? new Uint8Array());
      expect(types).toContain(5);
      expect(types).not.toContain(7);
      expect(harness.config(track).config[0]).toBe(1);
    }
    const [first] = await decodePictures(harness.samples(largest).slice(0, 20), harness.config(largest), 1);
    let bright = 0;
    for (let x = 300; x < 980; x += 2)
      for (let y = 300; y < 420; y += 2) if ((first?.at(x, y).g ?? 0) > 150) bright += 1;
    expect(bright).toBeGreaterThan(500); // the title, on the very first frame
  });

  test('sound does not run ahead of the pictures when the mix begins', async () => {
    for (let times = 0; times < 6; times += 1) {
      const harness = await compose();
      await harness.more(200);
      const heardMs = (harness.samples('audio').at(-1)?.ptsNs ?? 0) / 1e6;
      expect(heardMs - harness.givenMs).toBeLessThan(500);
      await harness.stop();
    }
  });

  test('an encoder that stands still for a while holds no other up and comes back; one that stays away ends the process', async () => {
    const harness = await compose();
    await harness.more(2000);
    const before = harness.samples('480p').length;
    await stopThread(harness.process.pid as number, 'coder-480p', 3);
    await harness.more(500);
    for (const track of ['720p', '240p', 'audio']) {
      const times = harness.samples(track).map(({ ptsNs }) => ptsNs);
      const steps = times.slice(1).map((ns, i) => ns - (times[i] ?? 0));
      expect(Math.max(...steps)).toBeLessThan(41e6);
    }
    await until('480p again', () => harness.samples('480p').length > before + 75);
    expect(harness.exit).toBeNull();
    await stopThread(harness.process.pid as number, 'coder-480p', 6);
    await until('its end', () => harness.exit !== null);
    expect(harness.exit).toMatch(/stalled: nothing of 480p/);
  });

  test('a restarted one continues the timeline where its predecessor ended', async () => {
    const harness = await compose({
      timelineZeroUnixMs: Date.now() - 3_600_000,
      notBeforeNs: 3_600_500 * 1e6,
      scene: sceneOf({ slide: { kind: 'countdown', title: 'Soon', untilUnixMs: Date.now() + 60_000 } }),
    });
    await harness.more(1000);
    expectUnbroken(harness);
    expect(harness.samples('720p')[0]?.ptsNs).toBeGreaterThanOrEqual(3_600_500 * 1e6);
    expect(harness.samples('720p')[0]?.ptsNs).toBeLessThan(3_602_000 * 1e6);
  });

  test('its pictures change with each second of a countdown', async () => {
    const harness = await compose({
      scene: sceneOf({ slide: { kind: 'countdown', title: '', untilUnixMs: Date.now() + 600_000 } }),
    });
    await harness.more(3500);
    const pictures = await decodePictures(harness.samples('720p'), harness.config('720p'), 2);
    const clockOf = (picture: Picture | undefined): number[] => {
      const out: number[] = [];
      for (let x = 300; x < 980; x += 8)
        for (let y = 320; y < 500; y += 8) out.push((picture?.at(x, y).g ?? 0) > 130 ? 1 : 0);
      return out;
    };
    const looks = new Set(pictures.filter((_, i) => i % 5 === 0).map((p) => clockOf(p).join('')));
    expect(looks.size).toBeGreaterThanOrEqual(3);
  });
});

function nalTypes(data: Uint8Array): number[] {
  const bytes = Buffer.from(data);
  const types: number[] = [];
  for (let at = 0; at + 4 < bytes.length; at += 4 + bytes.readUInt32BE(at))
    types.push(bytes.readUInt8(at + 4) & 0x1f);
  return types;
}

describe('people on air', () => {
  test('cameras are where the scene says, a change comes at once, and whoever is off air is neither seen nor heard', async () => {
    const [red, green, ada, eve] = await Promise.all([
      stream({ personId: 'ada1', source: 'camera' }),
      stream({ personId: 'bob1', source: 'camera', codec: 'H264' }),
      stream({ personId: 'ada1', source: 'mic' }),
      stream({ personId: 'eve1', source: 'mic' }),
    ]);
    const harness = await compose();
    await Promise.all([red, green, ada, eve].map((s) => harness.add(s)));
    await send(camera('red', red) + camera('green', green) + tone(500, ada) + tone(3000, eve), [
      red,
      green,
      ada,
      eve,
    ]);
    const grid = { onAir: people('ada1', 'bob1') };
    await harness.scene(grid);
    await harness.more(3000);
    const commandNs = harness.givenMs * 1e6;
    const swapped = { layout: 'picture-in-picture', onAir: people('ada1', 'bob1'), focus: 'bob1' } as const;
    await harness.scene(swapped);
    const appliedNs = harness.givenMs * 1e6;
    await harness.more(1000);
    const eveFromMs = harness.givenMs;
    await harness.scene({ onAir: people('eve1') });
    await harness.more(2500);
    await harness.remove(red);
    await harness.more(500);
    expectUnbroken(harness);

    const { pictures, sound, untilMs } = await harness.decoded();
    const at = (ns: number): Picture | undefined => pictures.find((p) => p.ptsNs >= ns);
    const during = at(commandNs - 200e6);
    const [left, right] = gridRects(2, { x: 16, y: 16, width: 1248, height: 688 });
    if (!left || !right) throw new Error('no grid');
    expect(rectOf(grid, 'ada1')).toMatchObject(left);
    for (const [fx, fy] of [
      [0.04, 0.06],
      [0.96, 0.06],
      [0.04, 0.94],
      [0.96, 0.94],
      [0.5, 0.5],
    ] as const) {
      expect(colourAt(during, left, fx, fy)).toBe('red');
      expect(colourAt(during, right, fx, fy)).toBe('green');
    }
    // Just outside of the tiles there is the backdrop.
    expect(colourAt(during, { ...left, y: left.y - 12, height: 0 })).toBe('other');

    const small = rectOf(swapped, 'ada1');
    const changed = pictures.find(
      (p) => p.ptsNs > commandNs && colourAt(p, small) === 'red' && p.at(600, 100).g > 110,
    );
    // In the mix when the command is answered; frames on their way through the encoders come before it.
    expect(changed?.ptsNs).toBeLessThanOrEqual(appliedNs + 400e6);
    // No half-applied picture in between: each is all of the one or all of the other.
    const mixed = pictures.filter(
      (p) =>
        p.ptsNs > commandNs - 400e6 &&
        p.ptsNs < appliedNs + 400e6 &&
        colourAt(p, left) !== 'red' &&
        p.at(600, 100).g < 110,
    );
    expect(mixed).toEqual([]);

    const last = at(untilMs * 1e6 - 400e6);
    expect([colourAt(last, small), colourAt(last, left), colourAt(last, right)]).toEqual([
      'other',
      'other',
      'other',
    ]);

    const onAir = [commandNs / 1e6 - 1000, commandNs / 1e6 - 200] as const;
    expect(toneLevel(sound, 500, ...onAir)).toBeGreaterThan(0.1);
    expect(toneLevel(sound, 3000, ...onAir)).toBeLessThan(0.003);
    expect(toneLevel(sound, 3000, eveFromMs + 1000, eveFromMs + 2000)).toBeGreaterThan(0.1);
    expect(toneLevel(sound, 500, eveFromMs + 1000, eveFromMs + 2000)).toBeLessThan(0.003);
    // The SFU hears of what arrives: receiver reports.
    expect(green.feedback.length).toBeGreaterThan(0);
  });

  test('sources that never send, stop, fail or send garbage hold up nothing, and come back', async () => {
    const [red, silent, mic] = await Promise.all([
      stream({ personId: 'ada1', source: 'camera' }),
      stream({ personId: 'bob1', source: 'camera' }),
      stream({ personId: 'ada1', source: 'mic' }),
    ]);
    const scene = { onAir: people('ada1', 'bob1') };
    const harness = await compose({ scene: sceneOf(scene) });
    await Promise.all([red, silent, mic].map((s) => harness.add(s)));
    await send(camera('red', red) + tone(500, mic), [red, mic]);
    await harness.more(1500);
    // Garbage from the SFU's own address: noise, RTP of others, truncated and forged packets of the right stream.
    for (let i = 0; i < 300; i += 1) {
      const noise = Buffer.from(Array.from({ length: 20 + (i % 60) }, (_, j) => (i * 31 + j * 17) & 255));
      for (const to of [silent, mic]) {
        to.raw(noise);
        to.rawRtcp(noise);
        const forged = Buffer.concat([Buffer.alloc(12), noise]);
        forged.writeUInt8(0x80, 0);
        forged.writeUInt8(to.describe().payloadType, 1);
        forged.writeUInt16BE(i, 2);
        forged.writeUInt32BE(i * 3000, 4);
        forged.writeUInt32BE(to === silent ? to.options.ssrc : 99, 8);
        to.raw(forged);
      }
    }
    await harness.more(1500);
    const frozenFromMs = harness.givenMs;
    red.muted = true;
    await harness.more(5000);
    red.muted = false;
    const backFromMs = harness.givenMs;
    await harness.more(2500);
    expectUnbroken(harness);
    await until('refused packets are counted', () => (harness.stats?.packetsRefused ?? 0) > 300);

    const { pictures, sound } = await harness.decoded();
    const tile = rectOf(scene, 'ada1');
    const lookAt = (ms: number): Colour =>
      colourAt(
        pictures.find((p) => p.ptsNs >= ms * 1e6),
        tile,
        0.9,
        0.1,
      );
    expect(lookAt(frozenFromMs - 100)).toBe('red');
    expect(lookAt(frozenFromMs + 2000)).toBe('red'); // the last picture stays
    expect(lookAt(frozenFromMs + 4500)).toBe('other'); // then the card
    expect(lookAt(backFromMs + 2200)).toBe('red');
    expect(toneLevel(sound, 500, frozenFromMs - 1000, frozenFromMs)).toBeGreaterThan(0.1);
  });
});

describe('the process', () => {
  test('answers what it cannot do with a typed error, and goes on', async () => {
    const harness = await compose();
    const good = await stream({ personId: 'ada1', source: 'camera' });
    await expect(
      harness.process.request({
        type: 'source.add',
        source: { ...good.describe(), remote: { ip: '256.1.1.1', port: 9, rtcpPort: 10 } },
        trust: 'full',
      }),
    ).rejects.toMatchObject({ code: 'unavailable' });
    await harness.process.request({ type: 'source.remove', sourceId: 'nobody' });
    await harness.add(good);
    await harness.add(good); // the same id again replaces it
    await until('one source', () => harness.stats?.sources === 1);
  });

  test('ends when it is told to, and when its parent is gone', async () => {
    const harness = await compose();
    const { pid } = harness.process;
    if (pid === undefined) throw new Error('no process');
    await harness.stop();
    expect(() => process.kill(pid, 0)).toThrow();
    expect(harness.exit).toBeNull();
    await pause(1);
  });
});
