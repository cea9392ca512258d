import { countBuffers, endOfStream, markLeaps, pushBuffer, type SampleOut } from './index.ts';
import { codeOf, collect, elementOf, must, until, withPipeline } from './testing.ts';

const PACKET_NS = 20_000_000;
const LEAP_NS = 100_000_000;
const PACKETS = 40;
const LEAP_AT = PACKETS / 2;

const packets = (): Promise<SampleOut[]> =>
  withPipeline(
    `audiotestsrc num-buffers=${PACKETS} samplesperbuffer=960 freq=500 ! audio/x-raw,rate=48000,channels=1 ! opusenc frame-size=20 ! ` +
      'appsink name=out sync=false',
    (pipeline) => collect(pipeline),
  );

/** Decodes a tone whose times leap ahead in its middle, announced after so many packets. @returns what came of it, nanoseconds */
async function decoded(
  expectedNs: number,
  announcedAfter = 1,
  leapNs = LEAP_NS,
): Promise<{ soundNs: number; endNs: number }> {
  const coded = await packets();
  return withPipeline(
    'appsrc name=in format=time caps="audio/x-opus,channel-mapping-family=0,rate=48000,channels=1" ! identity name=here ! ' +
      'opusdec plc=true use-inband-fec=true ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! appsink name=out sync=false',
    async (pipeline) => {
      const here = must(elementOf(pipeline, 'here').getPad('src'));
      const counter = countBuffers(here);
      const marker = markLeaps(here);
      expect(codeOf(() => markLeaps(must(elementOf(pipeline, 'here').getPad('sink'))))).toBe('bad-type');
      const source = elementOf(pipeline, 'in');
      const push = (from: number, to: number): void =>
        coded.slice(from, to).forEach(({ data }, i) => {
          pushBuffer(source, data, { ptsNs: (from + i) * PACKET_NS + (from + i < LEAP_AT ? 0 : leapNs) });
        });
      const collected = collect(pipeline);
      push(0, announcedAfter);
      await until('the first packets', () => counter.read().buffers === announcedAfter);
      marker.expect(expectedNs);
      push(announcedAfter, PACKETS);
      endOfStream(source);
      const samples = await collected;
      const nsOf = ({ data }: SampleOut): number => (data.length / 2 / 48_000) * 1e9;
      const last = must(samples.at(-1));
      counter.close();
      marker.close();
      marker.close();
      return {
        soundNs: samples.reduce((sum, sample) => sum + nsOf(sample), 0),
        endNs: must(last.ptsNs) + nsOf(last),
      };
    },
  );
}

const decodedNs = async (...of: Parameters<typeof decoded>): Promise<number> =>
  (await decoded(...of)).soundNs;

test('a leap that was announced is concealed by the decoder, one that was not is left', async () => {
  const without = await decodedNs(0);
  expect(await decodedNs(LEAP_NS)).toBe(without + LEAP_NS);
  expect(await decodedNs(LEAP_NS, LEAP_AT)).toBe(without + LEAP_NS);
  // There is nothing to leap from.
  expect(await decodedNs(LEAP_NS, 0)).toBe(without);
  // What leaps by less is not what was announced.
  expect(await decodedNs(2 * LEAP_NS)).toBe(without);
});

test('after a leap of no round number everything has its time', async () => {
  const LITTLE_MORE_NS = LEAP_NS + 1_000_000;
  const without = await decoded(0, 1, LITTLE_MORE_NS);
  expect((await decoded(LITTLE_MORE_NS, 1, LITTLE_MORE_NS)).endNs).toBe(without.endNs);
});
