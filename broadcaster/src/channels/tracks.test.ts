/** What a coordinator may ask of a channel's isolated tracks, and what it is told. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeNotice } from '@rostrum/contracts/node-socket';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { parseJournal } from '../archive/journal.ts';
import { OpenArchives } from '../archive/open-archives.ts';
import { Reserve } from '../archive/reserve.ts';
import { Shapes } from '../archive/shapes.ts';
import { sceneOf, until } from '../compositor/testing/harness.ts';
import { encode, RtpSender, RtpStream } from '../compositor/testing/rtp-sender.ts';
import type { Manifest } from '../isolated/manifest.ts';
import { createOrigin } from '../origin/origin.ts';
import { Channels } from './channels.ts';
import { createBroadcasterRpc } from './rpc.ts';

const PATIENCE_MS = 60_000;

test('a coordinator has a source recorded, hears when the recorder was lost, and adds it again; the end has it all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-channels-'));
  const shared = {
    clock: { nowUnixMs: () => Date.now() },
    logger: pino({ level: 'silent' }),
    metrics: new Registry(),
  };
  const notices: NodeNotice[] = [];
  const channels = new Channels({
    ...shared,
    origin: createOrigin({ ...shared, archiveDir: folder, coordinatorUrl: 'http://127.0.0.1:9' }),
    archiveDir: folder,
    reserve: new Reserve(folder),
    openArchives: new OpenArchives(),
    pictureCap: { longSide: 1920, shortSide: 1200 },
    originUrl: () => 'http://origin.test',
    mediaIp: '127.0.0.1',
    tell: (notice) => notices.push(notice),
    room: () => 1,
    isDeleted: () => false,
    shapes: new Shapes({ archiveDir: folder, logger: shared.logger }),
  });
  const rpc = createBroadcasterRpc({
    channels,
    deletions: { want: async () => [] },
    observe: () => undefined,
    onInternal: () => undefined,
  });
  const ask = async (method: string, params: object): Promise<unknown> => {
    const result = await rpc(method, { channelId: 'channel1', ...params });
    if (!result.ok) throw new Error(`${method}: ${result.error.code}`);
    return result.value;
  };
  const begin = { webinarId: 'channel1', profile: 'fast', scene: sceneOf({}), tracks: true };
  const mic = await RtpStream.open({
    personId: 'ada-1',
    sourceId: 'mic-1',
    source: 'mic',
    codec: 'OPUS',
    ssrc: 20,
  });
  const sender = await RtpSender.start(
    `audiotestsrc is-live=true samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1 ! ${encode(mic)}`,
    [mic],
  );
  const add = async (): Promise<void> => {
    const added = await ask('track.add', { source: mic.describe(), personName: 'Ada' });
    mic.sendTo((added as { local: Parameters<typeof mic.sendTo>[0] }).local);
  };
  const channel = () => channels.get('channel1');
  const framesOf = (): number => channel().tracks.status().stats?.frames ?? 0;
  try {
    await ask('channel.start', begin);
    await add();
    await until('some sound', () => framesOf() > 100, PATIENCE_MS);
    process.kill(channel().tracks.status().pid ?? 0, 'SIGKILL');
    const lost: NodeNotice = { type: 'channel.tracksLost', channelId: 'channel1' };
    await until('word of it', () => notices.length > 0, PATIENCE_MS);
    expect(notices).toEqual([lost]);
    await add();
    await until('some sound again', () => framesOf() > 100, PATIENCE_MS);
    // A coordinator that starts anew knows of no source.
    await ask('channel.start', begin);
    await until('no source', () => channel().tracks.status().stats?.sources === 0, PATIENCE_MS);
    await ask('track.remove', { sourceId: 'mic-1' });
    await ask('channel.end', {});

    const { entries } = parseJournal(await readFile(join(folder, 'channel1/journal.jsonl')));
    expect(entries.at(-1)?.type).toBe('end');
    const files = entries.flatMap((entry) => (entry.type === 'track' ? [entry.file] : []));
    expect(files).toEqual(
      expect.arrayContaining(['tracks/ada-1-mic/1.webm', 'tracks/ada-1-mic/2.webm', 'tracks/manifest.json']),
    );
    const told = await readFile(join(folder, 'channel1/tracks/manifest.json'), 'utf8');
    const { tracks } = JSON.parse(told) as Manifest;
    expect(tracks.map(({ name, takes }) => [name, takes.length])).toEqual([['Ada', 2]]);
    await expect(add()).rejects.toThrow('not-found');
  } finally {
    await sender.stop();
    await channels.close();
    await rm(folder, { recursive: true });
  }
}, 200_000);
