import { layoutScene } from '@rostrum/contracts/layout';
import { CANVAS } from '@rostrum/contracts/profile';
import { init } from '@rostrum/node-gst';
import fc from 'fast-check';
import { canvasSvg, escapeText, lowerThirdSvg, plateSvg } from './cards.ts';
import { Raster } from './raster.ts';
import { people, sceneOf } from './testing/harness.ts';

let raster: Raster;
beforeAll(() => {
  init();
  raster = new Raster();
});
afterAll(() => raster.close());

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
    const plate = layout.tiles[0]?.plate;
    if (!plate) throw new Error('no plate');
    const pixels = await raster.draw(plateSvg(plate, name, 40), 'bgra');
    expect(pixels.length).toBe((40 + 2 * plate.padding) * plate.height * 4);
  }
  fc.assert(fc.property(fc.string(), (text) => !/[<>]/.test(escapeText(text))));
});

test('the canvas is drawn in the format of the mix', async () => {
  const layout = layoutScene(sceneOf({ onAir: people('ada1', 'bob1') }));
  const pixels = await raster.draw(canvasSvg(layout, 'Title', 0), 'canvas');
  expect(pixels.length).toBe((CANVAS.width * CANVAS.height * 3) / 2);
});

test('what is no SVG is refused, and the next drawing works', async () => {
  await expect(raster.draw('<svg>garbage</svgx>', 'bgra')).rejects.toMatchObject({ name: 'RasterError' });
  const third = { title: 'Keynote', subtitle: '', x: 0, y: 0, width: 720, height: 96 };
  expect((await raster.draw(lowerThirdSvg(third), 'bgra')).length).toBe(720 * 96 * 4);
});
