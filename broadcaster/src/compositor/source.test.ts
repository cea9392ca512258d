import { type Element, init, parseLaunch } from '@rostrum/node-gst';
import { DEFAULT_CAP } from './guard/verdict.ts';
import { LipSync } from './lip-sync.ts';
import { Source, type SourceHost } from './source.ts';
import { plain } from './srtp.ts';

beforeAll(() => init());

const until = async (what: string, condition: () => boolean): Promise<void> => {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

test('a source whose bin could not be built comes back under its name, and leaves the mixer no pad without anything behind it', async () => {
  const pipeline = parseLaunch(
    'audiomixer name=right ! fakesink async=false   compositor name=wrong ! fakesink async=false',
  );
  const mixer = (name: string): Element => {
    const found = pipeline.element(name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };
  const told: string[] = [];
  const host: { -readonly [K in keyof SourceHost]: SourceHost[K] } = {
    pipeline,
    mixer: mixer('right'),
    jitterBufferMs: 100,
    soundWaitsMs: () => 0,
    lipSync: new LipSync(),
    mediaIp: '127.0.0.1',
    pictureCap: DEFAULT_CAP,
    beginTrial: () => true,
    onWithheld: () => undefined,
    log: (_level, message) => told.push(message),
  };
  const source = new Source(
    {
      sourceId: 'mic-1',
      personId: 'ada',
      source: 'mic',
      codec: 'OPUS',
      payloadType: 111,
      clockRate: 48_000,
      ssrc: 1234,
      rtx: null,
      cname: 'ada',
      fmtp: {},
      remote: { ip: '127.0.0.1', port: 9, rtcpPort: 9 },
      srtp: null,
    },
    host,
  );
  try {
    await pipeline.play();
    await source.open(plain, () => undefined);
    expect(source.pad).not.toBeNull();
    const before = mixer('wrong').pads().length;
    // Sound does not link to a mixer of pictures.
    host.mixer = mixer('wrong');
    source.failed('as if its decoder had');
    await until('a build that fails', () => told.includes('a source did not come back'));
    expect(mixer('wrong').pads()).toHaveLength(before);
    host.mixer = mixer('right');
    await until('the bin', () => source.pad !== null);
    expect(source.counts.restarts).toBe(2);
  } finally {
    await source.close();
    await pipeline.close();
  }
});
