/** The real process: RTP in, coded samples out, looked at through decoders. */
import { gridRects, layoutScene, type Rect } from '@rostrum/contracts/layout';
import { LADDER, PROFILES } from '@rostrum/contracts/profile';
import type { Sample } from '../media/samples.ts';
import { JITTER_BUFFER_MS } from './mix.ts';
import { BEEP_SOURCES, FLASH_SOURCES, fillFlashBeep } from './testing/flash-beep.ts';
import {
  decodePictures,
  Harness,
  type Picture,
  pause,
  people,
  sceneOf,
  toneLevel,
  toneOf,
  until,
} from './testing/harness.ts';
import { encode, RtpSender, RtpStream, type StreamOptions } from './testing/rtp-sender.ts';
import { stopThread } from './testing/stop-thread.ts';
import { audioFrameNs, FRAME_NS, START_GRID_NS } from './timeline.ts';

const VIDEO_TRACKS = LADDER.flatMap((r) => (r.kind === 'video' ? [r.name] : []));

const open: { harness: Harness[]; senders: RtpSender[]; streams: RtpStream[] } = {
  harness: [],
  senders: [],
  streams: [],
};
afterEach(async () => {
  await Promise.all(open.senders.splice(0).map((s) => s.stop()));
  for (const s of open.streams.splice(0)) s.close();
  await Promise.all(open.harness.splice(0).map((h) => h.stop()));
});

async function compose(changes: ConstructorParameters<typeof Harness>[0] = {}): Promise<Harness> {
  const harness = new Harness(changes);
  open.harness.push(harness);
  await harness.process.started;
  return harness;
}

let ssrc = 1000;
async function stream(
  options: Partial<StreamOptions> & Pick<StreamOptions, 'personId' | 'source'>,
): Promise<RtpStream> {
  ssrc += 10;
  const codec = options.source === 'mic' || options.source === 'screenAudio' ? 'OPUS' : 'VP8';
  const opened = await RtpStream.open({ sourceId: `source-of-${ssrc}`, codec, ssrc, ...options });
  open.streams.push(opened);
  return opened;
}

async function send(...args: Parameters<typeof RtpSender.start>): Promise<RtpSender> {
  const sender = await RtpSender.start(...args);
  open.senders.push(sender);
  return sender;
}

const camera = (pattern: string, to: RtpStream): string =>
  `videotestsrc is-live=true pattern=${pattern} ! video/x-raw,width=320,height=180,framerate=25/1 ! ${encode(to)} `;
const tone = (hz: number, to: RtpStream): string =>
  `audiotestsrc is-live=true freq=${hz} volume=0.3 ! audio/x-raw,rate=48000,channels=1 ! ${encode(to)} `;

const median = (all: readonly number[]): number =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;

/** Delays between `baseMs` and `byMs` more, the same in each run. */
function jitter(baseMs: number, byMs: number): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return baseMs + (seed / 2_147_483_647) * byMs;
  };
}

type Colour = 'red' | 'green' | 'blue' | 'other';
function colourAt(picture: Picture | undefined, rect: Rect, fx = 0.5, fy = 0.5): Colour {
  if (!picture) throw new Error('no picture at that time');
  const { r, g, b } = picture.at(rect.x + rect.width * fx, rect.y + rect.height * fy);
  if (r > 150 && g < 110 && b < 110) return 'red';
  if (g > 110 && r < 110 && b < 110) return 'green';
  return b > 150 && r < 110 && g < 110 ? 'blue' : 'other';
}

/** The rules that hold for whatever was given out, in any test. */
function expectUnbroken(harness: Harness): void {
  for (const track of VIDEO_TRACKS) {
    const samples = harness.samples(track);
    samples.forEach((sample, i) => {
      const before = samples[i - 1];
      if (sample.ptsNs % FRAME_NS !== 0 || sample.durationNs !== FRAME_NS || sample.dtsNs !== sample.ptsNs)
        throw new Error(`${track} frame ${i} is off the grid: ${sample.ptsNs}`);
      if (before && sample.ptsNs !== before.ptsNs + FRAME_NS)
        throw new Error(`${track}: ${before.ptsNs} is followed by ${sample.ptsNs}`);
    });
  }
  const audio = harness.samples('audio');
  const first = Math.round((audio[0]?.ptsNs ?? 0) / audioFrameNs(1));
  audio.forEach((sample, i) => {
    if (sample.ptsNs !== audioFrameNs(first + i))
      throw new Error(`audio frame ${i} is at ${sample.ptsNs}, not ${audioFrameNs(first + i)}`);
  });
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

  test('somebody who says nothing, so that no packets come for long, holds up nobody else', async () => {
    const harness = await compose();
    const [speaks, silent] = await Promise.all([
      stream({ personId: 'ada1', source: 'mic' }),
      // As DTX does: a packet now and then.
      stream({ personId: 'eve1', source: 'mic', lose: (sequence) => sequence > 25 && sequence % 20 !== 0 }),
    ]);
    await Promise.all([speaks, silent].map((s) => harness.add(s)));
    await harness.scene({ onAir: people('ada1', 'eve1') });
    await send(tone(440, speaks) + tone(660, silent), [speaks, silent]);
    await harness.more(3000);
    const { pictureDelayMs = 0, soundDelayMs = 0 } = harness.stats ?? {};
    expect(pictureDelayMs).toBeGreaterThan(0);
    expect(soundDelayMs).toBeGreaterThan(0);
    // It is a few ms on a quiet machine, 80 and more where the decoders' claims are waited for.
    expect(soundDelayMs).toBeLessThan(pictureDelayMs + 40);
  });

  const BLOCKED_MS = 200;
  const WINDOW_MS = 10;
  const AFTER_MS = 2 * BLOCKED_MS;
  /** Cosine of a jump of phase by an eighth of a period. */
  const TORN = Math.SQRT1_2;

  test('sound late and out of order by less than the jitter buffer has no hole; a network that stands still leaves one that is shorter than itself, and whole sound after it', async () => {
    const late = jitter(0, 35);
    let jitters = true;
    const mic = await stream({ personId: 'ada1', source: 'mic', delayMs: () => (jitters ? late() : 0) });
    const harness = await compose({ scene: sceneOf({ onAir: people('ada1') }) });
    await harness.add(mic);
    await send(tone(500, mic), [mic]);
    await until('sound', () => (harness.stats?.packetsIn ?? 0) > 50);
    await harness.more(1000);
    const fromMs = harness.givenMs;
    await harness.more(2000);
    const jitteredMs = harness.givenMs;
    // Only what stands still is looked at from here on.
    jitters = false;
    await harness.more(500);
    const blockedMs: number[] = [];
    for (let times = 0; times < 5; times += 1) {
      blockedMs.push(harness.givenMs);
      await mic.block(BLOCKED_MS);
      await harness.more(1000);
    }
    const { sound } = await harness.decoded();
    const windows = (from: number, to: number) =>
      Array.from({ length: Math.floor((to - from) / WINDOW_MS) }, (_, i) => {
        const ms = from + i * WINDOW_MS;
        return { ms, ...toneOf(sound, 500, ms, ms + WINDOW_MS) };
      });
    const quiet = (from: number, to: number) => windows(from, to).filter(({ level }) => level < 0.05);
    /** How often the tone goes on in another place than it stopped at. */
    const tears = (from: number, to: number): number => {
      const phases = windows(from, to).map(({ phase }) => phase);
      return phases.filter((phase, i) => Math.cos(phase - (phases[i - 1] ?? phase)) < TORN).length;
    };
    // Sender and test share a process: where that is late by itself, one of five is spoiled, not most of them.
    const fifthMs = (jitteredMs - fromMs) / 5;
    const fifths = [0, 1, 2, 3, 4].map((i) => [fromMs + i * fifthMs, fromMs + (i + 1) * fifthMs] as const);
    expect(median(fifths.map((fifth) => quiet(...fifth).length))).toBe(0);
    expect(median(fifths.map((fifth) => tears(...fifth)))).toBe(0);
    const holes = blockedMs.map((ms) => quiet(ms, ms + 900));
    const holeMs = median(holes.map((hole) => (hole.at(-1)?.ms ?? 0) - (hole[0]?.ms ?? 0)));
    expect(holeMs).toBeGreaterThan(0);
    expect(holeMs).toBeLessThanOrEqual(BLOCKED_MS - JITTER_BUFFER_MS.standard + 4 * WINDOW_MS);
    // A stretch after the hole, in which a jitter buffer that took it for a new timeline would pull the sound together.
    expect(median(blockedMs.map((ms) => tears(ms + AFTER_MS, ms + AFTER_MS + 600)))).toBe(0);
  });

  test('after a network that stood still the picture goes on without a key frame', async () => {
    const cam = await stream({ personId: 'ada1', source: 'camera' });
    const harness = await compose({ profile: 'fast', scene: sceneOf({ onAir: people('ada1') }) });
    await harness.add(cam);
    await send(
      `videotestsrc is-live=true pattern=snow ! video/x-raw,width=320,height=180,framerate=25/1 ! ${encode(cam, 10_000)} `,
      [cam],
    );
    await until('pictures', () => (harness.stats?.packetsIn ?? 0) > 50);
    await harness.more(1000);
    const before = cam.feedback.length;
    // Where packets were dropped it hangs in every other case.
    for (let times = 0; times < 4; times += 1) {
      await cam.block(BLOCKED_MS);
      await harness.more(1000);
    }
    const asked = cam.feedback.slice(before).flatMap(feedbackKinds);
    expect(asked).not.toContain('pli');
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

  test('lost packets are asked for again, and a key frame when they do not come', async () => {
    const lossy = await stream({ personId: 'ada1', source: 'camera', lose: (n) => n > 60 && n % 23 === 0 });
    const harness = await compose({ scene: sceneOf({ onAir: people('ada1') }) });
    await harness.add(lossy);
    await send(camera('snow', lossy), [lossy]);
    await harness.more(4000);
    const kinds = new Set(lossy.feedback.flatMap(feedbackKinds));
    expect(kinds).toContain('nack');
    expect(kinds).toContain('pli');
    expectUnbroken(harness);
  });

  test('[P11] flash and beep leave together although their packets come 60 ms apart, jittered', async () => {
    const cam = await stream({ personId: 'ada1', source: 'camera', delayMs: jitter(60, 25) });
    const mic = await stream({ personId: 'ada1', source: 'mic', delayMs: jitter(2, 15) });
    const harness = await compose({ scene: sceneOf({ onAir: people('ada1') }) });
    await harness.add(cam);
    await harness.add(mic);
    await send(`${FLASH_SOURCES + encode(cam)} ${BEEP_SOURCES + encode(mic)}`, [cam, mic], (p) =>
      fillFlashBeep(p, 10),
    );
    await harness.more(8000);
    const { pictures, sound } = await harness.decoded();
    const flashes = onsets(
      pictures.map((p) => ({ ms: p.ptsNs / 1e6, on: p.at(640, 360).g > 140 })),
      400,
    );
    const beeps = onsets(
      Array.from(sound.samples, (x, i) => ({ ms: sound.startNs / 1e6 + i / 48, on: Math.abs(x) > 0.1 })),
      400,
    );
    expect(flashes.length).toBeGreaterThanOrEqual(4);
    // The first second has no sender report yet; from then on every pair counts, but for a flash whose beep had not come
    // when the test stopped listening.
    const heardUntilMs = sound.startNs / 1e6 + sound.samples.length / 48;
    const whole = flashes.slice(1).filter((flash) => flash + 100 < heardUntilMs);
    expect(whole.length).toBeGreaterThanOrEqual(3);
    const offsets = whole.map((flash) => {
      const nearest = beeps.reduce((a, b) => (Math.abs(b - flash) < Math.abs(a - flash) ? b : a), Infinity);
      return nearest - flash;
    });
    for (const offset of offsets) expect(Math.abs(offset)).toBeLessThanOrEqual(40);
  });
});

function onsets(signal: readonly { ms: number; on: boolean }[], quietMs: number): number[] {
  const out: number[] = [];
  let lastOn = -Infinity;
  for (const { ms, on } of signal) {
    if (!on) continue;
    if (ms - lastOn > quietMs) out.push(ms);
    lastOn = ms;
  }
  return out;
}

function feedbackKinds(packet: Buffer): string[] {
  const out: string[] = [];
  for (let at = 0; at + 4 <= packet.length; at += 4 * (packet.readUInt16BE(at + 2) + 1)) {
    const [format, type] = [packet.readUInt8(at) & 0x1f, packet.readUInt8(at + 1)];
    if (type === 205 && format === 1) out.push('nack');
    if (type === 206 && format === 1) out.push('pli');
  }
  return out;
}

describe('the process', () => {
  test('answers what it cannot do with a typed error, and goes on', async () => {
    const harness = await compose();
    const good = await stream({ personId: 'ada1', source: 'camera' });
    await expect(
      harness.process.request({
        type: 'source.add',
        source: { ...good.describe(), remote: { ip: '256.1.1.1', port: 9, rtcpPort: 10 } },
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
