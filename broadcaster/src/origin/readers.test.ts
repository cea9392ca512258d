/** A live channel and its recording of really encoded samples, read over HTTP by ffmpeg: a reader nobody here wrote. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { asEvents, encodeRealStream, SMALL_LADDER } from '../packager/testing/real-samples.ts';
import { ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { createChannelOutput } from './channel-output.ts';
import { createOrigin } from './origin.ts';
import { silentLogger } from './testing/house.ts';

const run = promisify(execFile);
const profile = PROFILES.standard;

test('ffmpeg reads every picture and every sound of the live playlists and of the recording', async () => {
  const archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-readers-'));
  const clock = { nowUnixMs: () => ZERO_UNIX_MS };
  const shared = { archiveDir, clock, logger: silentLogger, metrics: new Registry() };
  const origin = createOrigin({ ...shared, coordinatorUrl: 'http://localhost:3000' });
  const output = await createChannelOutput({ ...shared, channelId: 'show', profile, ladder: SMALL_LADDER });
  origin.addChannel(output);
  const server = http.createServer(origin.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    // Two runs of the compositor: 9.6 s and 5.76 s.
    const stream = await encodeRealStream(profile, 9.6);
    for (const event of asEvents(stream, { number: 1, timelineZeroUnixMs: ZERO_UNIX_MS })) output.push(event);
    const again = { ...stream, samples: stream.samples.filter((sample) => sample.dtsNs < 5.76e9) };
    for (const event of asEvents(again, { number: 2, timelineZeroUnixMs: ZERO_UNIX_MS + 12_000 }))
      output.push(event);
    await output.end();
    for (const area of ['live', 'recordings']) {
      for (const { name, kind } of SMALL_LADDER) {
        const url = `${base}/${area}/show/${name}.m3u8`;
        const { stdout, stderr } = await run('ffprobe', [
          ...['-v', 'error', '-of', 'json', '-count_packets'],
          ...['-show_entries', 'stream=codec_type,nb_read_packets', url],
        ]);
        // FFmpeg's reader takes the next epoch's init segment for a second moov of the same file, and says so.
        expect(stderr.replaceAll(/.*Found duplicated MOOV Atom.*\n/g, '')).toBe('');
        const streams: { codec_type: string; nb_read_packets: string }[] = JSON.parse(stdout).streams;
        const packets = Object.fromEntries(
          streams.map((found) => [found.codec_type, Number(found.nb_read_packets)]),
        );
        expect(packets.audio).toBe(450 + 270);
        if (kind === 'video') expect(packets.video).toBe(240 + 144);
      }
    }
  } finally {
    await origin.stop();
    await output.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(archiveDir, { recursive: true, force: true });
  }
});
