/** `npm run screenshots [FOLDER]`: a picture of every page and state, wide and narrow, light and dark, for looking at. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GLASSES, tour } from './tour.ts';

const folder = resolve(process.env.INIT_CWD ?? '.', process.argv[2] ?? '.rostrum/screenshots');
await mkdir(folder, { recursive: true });
await tour(GLASSES, async (page, { name }, { width, scheme }) => {
  // What has just come is drawn, and what moves in has come.
  await page.waitForTimeout(500);
  const path = `${folder}/${name}-${width}-${scheme}.png`;
  await page.screenshot({ path });
  process.stdout.write(`${path}\n`);
});
