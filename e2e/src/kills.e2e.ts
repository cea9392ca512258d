/**
 * `kill -9` of any process, at random, during a show behind the edge: of what viewers were given of every rendition, each whole
 * segment is in the recording byte for byte, and of the open one at most its end is lost. ROSTRUM_KILLS: how many (default 10;
 * the goal is 100, in half an hour); ROSTRUM_SEED to choose as once before.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readMediaPlaylist } from '@rostrum/conformance/media-playlist';
import { compare, discontinuityFaults, type Recorded } from './kills/compare.ts';
import { RenditionViewer } from './kills/rendition-viewer.ts';
import { type Kill, killSomebody, pidsOf, randomOf, VICTIMS } from './kills/victims.ts';
import { openShow, type Show } from './lib/show.ts';
import { System } from './lib/system.ts';
import { eventually } from './lib/viewer.ts';
import { type Senders, startSenders } from './panelist/senders.ts';

const KILLS = Number(process.env.ROSTRUM_KILLS ?? 10);
const SEED = Number(process.env.ROSTRUM_SEED ?? Date.now() % 1_000_000);
/** Between two: from another death in the middle of a recovery to a show that has come to rest. */
const BETWEEN_MS = { least: 1500, most: 9000 } as const;
const BACK_MS = 90_000;

let system: System;
let senders: Senders;
let show: Show;
let viewers: RenditionViewer[] = [];
let liveFolder = '';

const renditionsOf = (multivariant: string): string[] =>
  [
    ...new Set(
      [...multivariant.matchAll(/^(?!#)(\S+)\.m3u8$|URI="([^"]+)\.m3u8"/gm)].map((m) => m[1] ?? m[2] ?? ''),
    ),
  ].filter((name) => !name.endsWith('-iframes'));

beforeAll(async () => {
  system = await System.start({ args: ['--edge'] });
  senders = await startSenders(() => undefined);
  show = await openShow({
    api: system.api,
    browser: null,
    title: 'A hundred deaths',
    profile: 'standard',
    cast: [senders.clock('Ada', { hue: 255, flash: false, pilotHz: 1900 })],
    direction: 'automatic',
    progress: () => undefined,
  });
  const { phase } = show.host.view();
  if (phase.phase !== 'live') throw new Error('not live');
  const { playlistUrl } = phase;
  liveFolder = new URL('.', playlistUrl).href;
  const multivariant = await eventually('the multivariant playlist', 20_000, async () => {
    const response = await fetch(playlistUrl);
    return response.ok ? response.text() : null;
  });
  viewers = renditionsOf(multivariant).map(
    (name) => new RenditionViewer(name, new URL(`${name}.m3u8`, playlistUrl)),
  );
  expect(viewers.length).toBeGreaterThanOrEqual(3);
}, 120_000);

afterAll(async () => {
  for (const viewer of viewers) await viewer.stop();
  show?.host.close();
  await senders?.close();
  await system?.stop();
}, 60_000);

/** All that was killed runs again, and every rendition goes on. */
async function back(): Promise<void> {
  const before = viewers.map(({ newestMsn }) => newestMsn);
  const missing = async (): Promise<string[]> => {
    const pids = await Promise.all(VICTIMS.map((victim) => pidsOf(system, victim)));
    return [
      ...VICTIMS.filter((_, i) => pids[i]?.length === 0),
      ...viewers.filter(({ newestMsn }, i) => newestMsn < (before[i] ?? 0) + 3).map(({ name }) => name),
    ];
  };
  let last: string[] = [];
  await eventually('the show to go on', BACK_MS, async () => {
    last = await missing();
    return last.length === 0 ? true : null;
  }).catch(async (error: unknown) => {
    const logs = await system.lastLogLines();
    throw new Error(`missing: ${last.join(', ')} (seed ${SEED})\n${logs}`, { cause: error });
  });
}

test(
  `${KILLS} processes are killed at random, and nothing that was whole is lost`,
  async () => {
    const random = randomOf(SEED);
    const kills: Kill[] = [];
    await back();
    while (kills.length < KILLS) {
      const kill = await killSomebody(system, random, kills);
      if (kill) kills.push(kill);
      await sleep(BETWEEN_MS.least + random() * (BETWEEN_MS.most - BETWEEN_MS.least));
    }
    await back();
    await show.host.command('webinar:end', {}, 30_000);
    const { phase } = await show.host.until(
      'the recording',
      (view) => view.phase.phase === 'ended' && view.phase.recording === 'ready',
      60_000,
    );
    if (phase.phase !== 'ended' || phase.recordingUrl === null) throw new Error('no recording');
    const { recordingUrl } = phase;
    for (const viewer of viewers) await viewer.stop();

    const recordings = await Promise.all(
      viewers.map(async ({ name }): Promise<Recorded> => {
        const url = new URL(`${name}.m3u8`, recordingUrl);
        const playlist = readMediaPlaylist(await (await fetch(url)).text());
        // Media keep the address that they had while live; names are compared as they stand in playlists there.
        const nameOf = (uri: string | null): string | null =>
          uri === null ? null : new URL(uri, url).href.replace(liveFolder, '');
        return {
          name,
          playlist: {
            ...playlist,
            segments: playlist.segments.map((segment) => ({ ...segment, uri: nameOf(segment.uri) })),
          },
          async file(uri) {
            const response = await fetch(new URL(uri, liveFolder));
            return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
          },
        };
      }),
    );
    const of = (victim: Kill['victim']): number => kills.filter((kill) => kill.victim === victim).length;
    const found = [];
    for (const [i, recorded] of recordings.entries()) {
      const { segments, contradictions = [], name = '' } = viewers[i] ?? {};
      const { same, wrong, cut } = await compare(segments?.values() ?? [], recorded);
      found.push({ name, ended: recorded.playlist.ended, wrong, contradictions, same, cut });
    }
    process.stderr.write(
      `seed ${SEED}: ${VICTIMS.map((victim) => `${victim} ${of(victim)}`).join(', ')}; ${found
        .map(({ name, same, cut }) => `${name}: ${same} segments as they were, ${cut.length} cut`)
        .join('; ')}\n`,
    );
    expect({ seed: SEED, found }).toEqual({
      seed: SEED,
      found: found.map((one) => ({ ...one, ended: true, wrong: [], contradictions: [] })),
    });
    for (const { same } of found) expect(same).toBeGreaterThan(KILLS);
    // Whoever else dies has nothing that was published.
    expect(new Set(found.flatMap(({ cut }) => cut)).size).toBeLessThanOrEqual(of('broadcaster'));
    expect(discontinuityFaults(recordings)).toEqual([]);
  },
  240_000 + KILLS * 25_000,
);
