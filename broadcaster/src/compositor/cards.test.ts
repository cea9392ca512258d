import { layoutScene } from '@rostrum/contracts/layout';
import { CANVAS } from '@rostrum/contracts/profile';
import { init } from '@rostrum/node-gst';
import fc from 'fast-check';
import { canvasSvg, countdownText, escapeText, initials, lowerThirdSvg, wrapWords } from './cards.ts';
import { Raster } from './raster.ts';
import { people, sceneOf } from './testing/harness.ts';

let raster: Raster;
beforeAll(() => {
  init();
  raster = new Raster();
});
afterAll(() => raster.close());

test('initials are of the first and last word, and there always are some', () => {
  expect(initials('Ada Lovelace')).toBe('AL');
  expect(initials('ada king lovelace')).toBe('AL');
  expect(initials('Øystein')).toBe('Ø');
  expect(initials('(she/her) Émile')).toBe('SÉ');
  expect(initials('!!!')).toBe('?');
  expect(initials('')).toBe('?');
});

test('a countdown shows hours only when there are some, and stays at zero', () => {
  expect(countdownText(245_000, 0)).toBe('4:05');
  expect(countdownText(3_729_000, 0)).toBe('1:02:09');
  expect(countdownText(1000, 1)).toBe('0:01');
  expect(countdownText(0, 5000)).toBe('0:00');
});

test('long titles break between words, into no more lines than there is room for', () => {
  expect(wrapWords('one two three four', 8, 2)).toEqual(['one two', 'three four']);
  expect(wrapWords('', 8, 2)).toEqual([]);
  expect(wrapWords('unbreakable-but-long', 8, 2)).toEqual(['unbreakable-but-long']);
});

test('no name can break out of the drawing', async () => {
  const hostile = [
    '</text><script>',
    '&amp;',
    'a\u0000b\u0007',
    '"\'<>&',
    '\ud800',
    '\ufffe',
    '🙂 🏳️‍🌈',
    '  ',
  ];
  for (const name of hostile) {
    const layout = layoutScene(sceneOf({ onAir: [{ personId: 'ada1', name }], nameCards: true }));
    const png = await raster.draw(canvasSvg(layout, name, 0), 'png');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
  }
  fc.assert(fc.property(fc.string(), (text) => !/[<>]/.test(escapeText(text))));
}, 30_000);

test('the canvas is drawn in the format of the mix', async () => {
  const layout = layoutScene(sceneOf({ onAir: people('ada1', 'bob1') }));
  const pixels = await raster.draw(canvasSvg(layout, 'Title', 0), 'canvas');
  expect(pixels.length).toBe((CANVAS.width * CANVAS.height * 3) / 2);
});

test('what is no SVG is refused, and the next drawing works', async () => {
  await expect(raster.draw('<svg>garbage</svgx>', 'bgra')).rejects.toMatchObject({ name: 'RasterError' });
  const third = { title: 'Keynote', subtitle: '', x: 0, y: 0, width: 720, height: 96 };
  expect((await raster.draw(lowerThirdSvg(third), 'bgra')).length).toBe(720 * 96 * 4);
}, 30_000);
