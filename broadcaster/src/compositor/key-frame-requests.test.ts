import { KeyFrameRequests } from './key-frame-requests.ts';

/** Packets each 20 ms, and a picture with each. @returns when the last one came, ms */
function flowing(requests: KeyFrameRequests): number {
  for (let ms = 0; ms < 1000; ms += 20) {
    requests.received(ms, ms === 0);
    expect(requests.due(ms, false, ms === 0 ? null : 20)).toBe(false);
  }
  return 980;
}

test('a key frame is asked for as soon as a packet is missed for long, not when the picture stands', () => {
  const requests = new KeyFrameRequests();
  const ms = flowing(requests);
  expect(requests.due(ms + 20, true, 20)).toBe(true);
});

test('it is asked for again when it does not come, and not while it waits for what is before it', () => {
  const requests = new KeyFrameRequests();
  const ms = flowing(requests);
  expect(requests.due(ms, true, 20)).toBe(true);
  expect(requests.due(ms + 300, true, 320)).toBe(false);
  expect(requests.due(ms + 360, true, 380)).toBe(true);
  requests.received(ms + 500, true);
  expect(requests.due(ms + 760, false, 780)).toBe(false);
  expect(requests.due(ms + 900, false, 920)).toBe(true);
});

test('packets without pictures lead to a request, the first ones of a flow do not', () => {
  const requests = new KeyFrameRequests();
  requests.received(0, false);
  expect(requests.due(0, false, null)).toBe(false);
  for (let ms = 20; ms <= 260; ms += 20) requests.received(ms, false);
  expect(requests.due(260, false, null)).toBe(true);
  requests.received(5000, false);
  expect(requests.due(5000, false, 4700)).toBe(false);
});
