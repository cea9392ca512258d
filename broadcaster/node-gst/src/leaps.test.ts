import { endOfStream, markLeaps, pushBuffer, type SampleOut } from './index.ts';
import { codeOf, collect, elementOf, must, withPipeline } from './testing.ts';

const PACKET_NS = 20_000_000;
const LEAP_NS = 100_000_000;
const PACKETS = 40;

const packets = (): Promise<SampleOut[]> =>
  withPipeline(
    `audiotestsrc num-buffers=${PACKETS} samplesperbuffer=960 freq=500 ! audio/x-raw,rate=48000,channels=1 ! opusenc frame-size=20 ! ` +
      'appsink name=out sync=false',
    (pipeline) => collect(pipeline),
  );

/** Decodes a tone whose times leap ahead in its middle. @returns nanoseconds of sound that came of it */
async function decodedNs(expectedNs: number): Promise<number> {
  const coded = await packets();
  return withPipeline(
    'appsrc name=in format=time caps="audio/x-opus,channel-mapping-family=0,rate=48000,channels=1" ! identity name=here ! ' +
      'opusdec plc=true use-inband-fec=true ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! appsink name=out sync=false',
    async (pipeline) => {
      const marker = markLeaps(must(elementOf(pipeline, 'here').getPad('src')));
      expect(codeOf(() => markLeaps(must(elementOf(pipeline, 'here').getPad('sink'))))).toBe('bad-type');
      const source = elementOf(pipeline, 'in');
      marker.expect(expectedNs);
      coded.forEach(({ data }, i) => {
        pushBuffer(source, data, { ptsNs: i * PACKET_NS + (i < PACKETS / 2 ? 0 : LEAP_NS) });
      });
      endOfStream(source);
      const decoded = await collect(pipeline);
      marker.close();
      marker.close();
      return decoded.reduce((sum, { data }) => sum + (data.length / 2 / 48_000) * 1e9, 0);
    },
  );
}

test('a leap that was announced is concealed by the decoder, one that was not is left', async () => {
  const without = await decodedNs(0);
  expect(await decodedNs(LEAP_NS)).toBe(without + LEAP_NS);
  // What leaps by less is not what was announced.
  expect(await decodedNs(2 * LEAP_NS)).toBe(without);
});
