/** What the machine itself does not show on its own: room on its disk, and whether its clock is right. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Finding } from '@rostrum/contracts';

type About<A extends Finding['about']> = Extract<Finding, { about: A }>;

/** All renditions of a channel and its isolated tracks, bits a second: what an hour of a show takes at most, about 6 GB. */
const RECORDED_BPS = 14_000_000;
const LEAST_HOURS = 4;
const SLOW_SYNC_MS = 50;
const SYNCS = 20;

/** Room for recordings in the data folder, and what a durable write costs there. */
export async function checkDisk(folder: string): Promise<About<'disk'>> {
  const probe = join(folder, `.probe-${randomUUID()}`);
  let slowestMs = 0;
  try {
    const file = await open(probe, 'wx');
    try {
      for (let i = 0; i < SYNCS; i += 1) {
        const startMs = performance.now();
        await file.write(Buffer.alloc(4096), 0, 4096, i * 4096);
        await file.datasync();
        slowestMs = Math.max(slowestMs, performance.now() - startMs);
      }
    } finally {
      await file.close();
      await rm(probe, { force: true });
    }
    const { bavail, bsize } = await statfs(folder);
    const freeBytes = bavail * bsize;
    const hours = Math.floor(freeBytes / ((RECORDED_BPS / 8) * 3600));
    const slowestSyncMs = Math.round(slowestMs);
    const is = hours < LEAST_HOURS ? 'little' : slowestSyncMs > SLOW_SYNC_MS ? 'slow' : 'good';
    return { about: 'disk', is, freeBytes, hours, slowestSyncMs };
  } catch {
    // Which of the many reasons it is, the mend tells to look for.
    return { about: 'disk', is: 'unwritable', freeBytes: null, hours: null, slowestSyncMs: null };
  }
}

/** Whether the system says that its clock follows a time server. */
export async function checkClock(ask: () => Promise<string> = askSystem): Promise<About<'clock'>> {
  const told = await ask().then(
    (answer) => answer.trim(),
    () => '', // without systemd nobody says
  );
  return { about: 'clock', is: told === 'yes' ? 'good' : told === 'no' ? 'free' : 'unknown' };
}

async function askSystem(): Promise<string> {
  const args = ['show', '--property=NTPSynchronized', '--value'];
  return (await promisify(execFile)('timedatectl', args, { timeout: 5000 })).stdout;
}
