import { Pieces } from './file-pieces.ts';

const KIB = 1024;

test('large pieces are for whoever can use one, as many as there may be; whoever comes then gets small ones', () => {
  const pieces = new Pieces();
  expect(pieces.take(64 * KIB).byteLength).toBe(64 * KIB);
  const large = Array.from({ length: 1000 }, () => pieces.take(300 * KIB)).filter(
    ({ byteLength }) => byteLength > 64 * KIB,
  );
  expect(large.length).toBe(128);
  expect(pieces.heldBytes).toBe(128 * 256 * KIB + 873 * 64 * KIB);
  for (const piece of large) pieces.give(piece);
  expect(large).toContain(pieces.take(300 * KIB));
});

test('one that may be in use still is not given to another', () => {
  const pieces = new Pieces();
  const lost = pieces.take(0);
  pieces.lose(lost);
  expect(pieces.take(0)).not.toBe(lost);
  expect(pieces.heldBytes).toBe(64 * KIB);
});
