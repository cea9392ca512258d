/** [R8] A show that was on is taken up again on a full disk. */
import { readdir } from 'node:fs/promises';
import { PROFILES } from '@rostrum/contracts/profile';
import { openSmallDisk, type SmallDisk } from '@rostrum/service-kit/testing/small-disk';
import { Registry } from 'prom-client';
import { silentLogger } from '../origin/testing/house.ts';
import { createChannelOutput } from '../output/channel-output.ts';
import type { ChannelOutput } from '../output/interface.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { Reserve } from './reserve.ts';

let disk: SmallDisk;
beforeEach(async () => {
  disk = await openSmallDisk(4 * 1024 * 1024);
});
afterEach(() => disk.close());

const open = (): Promise<ChannelOutput> =>
  createChannelOutput({
    channelId: 'show',
    profile: PROFILES.standard,
    ladder: LADDER,
    archiveDir: disk.folder,
    clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 },
    logger: silentLogger,
    metrics: new Registry(),
  });

/** Starts the channel again and again, until the page that its journal ends in is full too. */
async function fill(): Promise<void> {
  await disk.leave(0);
  for (let i = 0; i < 200; i += 1) await (await open()).close();
}

test('what is kept back is given up for it, once, and taken again when there is room', async () => {
  const reserve = new Reserve(disk.folder);
  await reserve.keep();
  await reserve.keep();
  const before = await open();
  for (const event of [...epochEvents(), ...perfect(PROFILES.standard, 0, 60)]) before.push(event);
  await before.close();
  await expect(fill()).rejects.toMatchObject({ code: 'ENOSPC' });
  const after = await reserve.use(open);
  expect(after.status()).toMatchObject({ state: 'waiting', lastMsn: 2 });
  await after.close();
  expect(await readdir(disk.folder)).not.toContain('.reserve');
  await expect(fill()).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect(reserve.use(open)).rejects.toMatchObject({ code: 'ENOSPC' });
  await expect(reserve.keep()).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(await readdir(disk.folder)).not.toContain('.reserve');
  await disk.leave(1024 * 1024);
  await reserve.keep();
  expect(await readdir(disk.folder)).toContain('.reserve');
});
