/**
 * How fast a download is made, and in how much memory: `node measure.ts write FOLDER MINUTES` makes up a recording of about
 * 2.5 Mbit/s there, `node measure.ts make FOLDER` makes its download as the broadcaster's process does. One line of JSON on stdout.
 */
import { join } from 'node:path';
import { setNice } from '@rostrum/service-kit/priorities';
import { keyOf } from '../files.ts';
import { make } from '../make.ts';
import { writeLongShow } from './long-show.ts';

const [what, archiveDir = '', minutes = '60'] = process.argv.slice(2);
const MB = 1e6;
const LADDER = [
  { kind: 'video', name: 'hi', width: 1280, height: 720, videoBitrate: 2_500_000 },
  { kind: 'audio', name: 'audio' },
] as const;

if (what === 'write') {
  await writeLongShow(archiveDir, 'show', Math.round((Number(minutes) * 60) / 1.92), {
    padding: 12_500,
    ladder: LADDER,
  });
} else {
  const folder = join(archiveDir, 'show');
  setNice(process.pid, 19);
  const key = await keyOf(folder, 'hi', []);
  const startMs = performance.now();
  let firstMs = 0;
  const bytes = await make({ folder, rendition: 'hi', cuts: [], key, maxUsedShare: 1 }, () => {
    firstMs ||= performance.now();
  });
  const seconds = (performance.now() - startMs) / 1000;
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stdout.write(
    `${JSON.stringify({
      megabytes: Math.round(bytes / MB),
      seconds: Number(seconds.toFixed(1)),
      ofWhichLayoutS: Number(((firstMs - startMs) / 1000).toFixed(1)),
      megabytesASecond: Math.round(bytes / MB / seconds),
      processorS: Number(((userCPUTime + systemCPUTime) / 1e6).toFixed(1)),
      peakMemoryMB: Math.round((maxRSS * 1024) / MB),
    })}\n`,
  );
}
