import { audioLevel, ntpTimestamp, rtpTimestamp, vp8Payloads } from './rtp.ts';

const DESCRIPTOR_BYTES = 6;

test('[RFC 7741, 4.2] the first payload of a picture starts its partition, and all tell picture id, TL0 index and layer', () => {
  const picture = Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 251));
  const payloads = vp8Payloads(picture, { pictureId: 0x1234, tl0PictureIndex: 0x56 }, 1006);
  expect(payloads.map((p) => p.subarray(0, DESCRIPTOR_BYTES).toString('hex'))).toEqual([
    '90e092345600',
    '80e092345600',
    '80e092345600',
  ]);
  expect(Buffer.concat(payloads.map((p) => p.subarray(DESCRIPTOR_BYTES)))).toEqual(picture);
});

test('no payload exceeds the limit, and none is much smaller than the others', () => {
  for (const length of [1, 1144, 1145, 2289, 30_000]) {
    const sizes = vp8Payloads(Buffer.alloc(length), { pictureId: 0, tl0PictureIndex: 0 }).map(
      (p) => p.length,
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1150);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    expect(sizes.reduce((a, b) => a + b) - sizes.length * DESCRIPTOR_BYTES).toBe(length);
  }
});

test('[RFC 7741, 4.2] a picture id has 15 bits behind its marker', () => {
  const [payload] = vp8Payloads(Buffer.alloc(1), { pictureId: 0x7fff, tl0PictureIndex: 255 });
  expect(payload?.readUInt16BE(2)).toBe(0xffff);
  expect(payload?.readUInt8(4)).toBe(255);
});

test('[RFC 3550, 5.1] timestamps go by the clock rate from a random start, and wrap at 32 bits', () => {
  expect(rtpTimestamp(40, 90_000, 7)).toBe(3607);
  expect(rtpTimestamp(20, 48_000, 2 ** 32 - 1)).toBe(959);
});

test('[RFC 3550, 4] an NTP timestamp is seconds since 1900 and a fraction in 2^-32', () => {
  const ntp = ntpTimestamp(1_750_000_000_500);
  expect(ntp >> 32n).toBe(1_750_000_000n + 2_208_988_800n);
  expect(ntp & 0xffff_ffffn).toBe(0x8000_0000n);
});

test('[RFC 6464] a level is its magnitude in dBov, with the voice bit above the noise', () => {
  expect([...audioLevel(-20)]).toEqual([0x80 | 20]);
  expect([...audioLevel(-127)]).toEqual([127]);
});
