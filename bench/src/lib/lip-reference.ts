import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Viewer } from '@rostrum/e2e/viewer';
import type { Browser } from 'playwright-core';
import { quantile } from './result.ts';

const SECONDS = 26;
const WHOLE = { x: 0, y: 0, width: 1280, height: 720 };

/**
 * What the lip sync probe reads on a file whose flash and beep begin with the same sample: its own error and the
 * browser's, in milliseconds. A reading of the live stream means something only beside it.
 */
export async function lipReference(browser: Browser): Promise<{ medianMs: number; readings: number[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-lips-'));
  try {
    const file = join(folder, 'lips.mp4');
    const flash = 'lt(mod(t,2),0.1)';
    await promisify(execFile)('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'color=black:size=1280x720:rate=25'],
      ...[
        '-f',
        'lavfi',
        '-i',
        `aevalsrc=0.6*sin(2*PI*1000*t)*${flash.replaceAll(',', '\\,')}:sample_rate=48000`,
      ],
      ...['-vf', `drawbox=color=white:t=fill:enable='${flash}'`, '-t', String(SECONDS + 10)],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', file],
    ]);
    const film = await readFile(file);
    const server = createServer((request, response) => {
      const isFilm = request.url === '/lips.mp4';
      response.setHeader('content-type', isFilm ? 'video/mp4' : 'text/html');
      response.end(isFilm ? film : '<!doctype html><video src="/lips.mp4" autoplay></video>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const viewer = await Viewer.open(browser, `http://localhost:${(server.address() as AddressInfo).port}/`);
    try {
      const readings = await viewer.lipSync(WHOLE, SECONDS * 1000);
      return { medianMs: quantile(readings, 0.5), readings };
    } finally {
      await viewer.close();
      server.closeAllConnections();
      server.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
