import { setTimeout } from 'node:timers/promises';
import { stopThread } from '@rostrum/broadcaster/testing/stop-thread';
import { walkChannel } from '@rostrum/conformance/channel';
import { RULES } from '@rostrum/conformance/rules';
import { LiveShow } from '@rostrum/e2e/live-show';
import { drawnCamera } from '@rostrum/e2e/synthetic-media';
import { type Figure, progress, report } from './lib/result.ts';

/**
 * S1: the protocol, rule by rule, through the edge, on a real show that has all the trouble there is: a compositor killed,
 * stopped, hanging, away for long, an encoder that stalls, changes of scene; and the end. ROSTRUM_BENCH_SECONDS of it (default 3600).
 */
const SECONDS = Number(process.env.ROSTRUM_BENCH_SECONDS ?? 3600);
/** From one trouble to the next; all kinds have their turn also in a short run. */
const EVERY_MS = Math.min(45_000, (SECONDS * 1000) / 12);
const LAYOUTS = ['grid', 'spotlight', 'side-by-side'] as const;

const live = await LiveShow.open({
  title: 'To the letter, for long',
  cast: [drawnCamera('Ada', 255)],
  direction: 'manual',
  profile: 'fast',
  args: ['--edge'],
  progress,
});

async function compositor(): Promise<number> {
  const [pid] = await live.system.compositorPids();
  if (!pid) throw new Error('no compositor process');
  return pid;
}

async function stop(ms: number): Promise<void> {
  const pid = await compositor();
  process.kill(pid, 'SIGSTOP');
  await setTimeout(ms);
  // Stopped for too long, it has been given up and is gone.
  if ((await live.system.compositorPids()).includes(pid)) process.kill(pid, 'SIGCONT');
}

let scenes = 0;
/** In turn. Each begins with everything well again since the one before it. */
const TROUBLES: readonly { readonly what: string; readonly make: () => Promise<void> }[] = [
  {
    what: 'change of scene',
    make: async () => {
      scenes += 1;
      await live.show.host.command('scene:update', { layout: LAYOUTS[scenes % LAYOUTS.length] ?? 'grid' });
    },
  },
  {
    what: 'encoder of 480p stands still for 3 s',
    make: async () => stopThread(await compositor(), 'coder-480p', 3),
  },
  { what: 'compositor stopped for 1 s', make: () => stop(1000) },
  {
    what: 'encoder of 720p stands still for 3 s',
    make: async () => stopThread(await compositor(), 'coder-720p', 3),
  },
  {
    what: 'compositor killed',
    make: async () => {
      process.kill(await compositor(), 'SIGKILL');
    },
  },
  { what: 'encoder of 240p hangs', make: async () => stopThread(await compositor(), 'coder-240p', 8) },
  { what: 'compositor hangs', make: () => stop(6000) },
  // Longer than the origin holds a request: three target durations of 2 s.
  { what: 'no compositor for 8 s', make: () => live.system.killCompositorsUntil(setTimeout(8000)) },
];

const over = new AbortController();
try {
  const { host } = live.show;
  const { phase } = host.view();
  if (phase.phase !== 'live') throw new Error('not live');
  const url = phase.playlistUrl;
  await live.eventually('the multivariant playlist', 20_000, async () =>
    (await fetch(url)).ok ? true : null,
  );
  await host.command('air:set', { personId: live.panelist(0).personId, onAir: true });
  const walk = walkChannel({ url, seconds: SECONDS, signal: over.signal, progress });
  // Awaited after the last trouble; until then its end is no unhandled one.
  walk.catch(() => undefined);
  const seen = { gaps: new Set<string>(), epochs: new Set<string>() };
  const done = new Map<string, number>();
  const watching = (async () => {
    for (; !over.signal.aborted; await setTimeout(1000)) await listed(url, seen);
  })();
  // Half a minute is left for the end.
  const untilMs = performance.now() + Math.max(SECONDS - 30, SECONDS * 0.7) * 1000;
  for (let turn = 0; performance.now() + EVERY_MS < untilMs; turn += 1) {
    await setTimeout(EVERY_MS);
    const trouble = TROUBLES[turn % TROUBLES.length];
    if (!trouble) break;
    progress(trouble.what);
    await trouble.make();
    done.set(trouble.what, (done.get(trouble.what) ?? 0) + 1);
  }
  await setTimeout(Math.min(EVERY_MS, 20_000));
  progress('the end');
  await host.command('webinar:end', {});
  const records = await walk;
  over.abort();
  await watching;
  const count = (what: string, value: number): Figure => ({
    id: '',
    what,
    value,
    unit: '',
    goal: '',
    met: null,
  });
  report(SECONDS === 3600 ? 'conformance' : `conformance-${SECONDS}s`, [
    count('seconds walked, through the edge, profile fast', SECONDS),
    ...[...done].map(([what, times]) => count(`  ${what}, times`, times)),
    count('epochs of the encoders seen', seen.epochs.size),
    count('gaps listed (parts of one rendition)', seen.gaps.size),
    ...records.map(({ id, verdict, looks, breaches, evidence }): Figure => {
      for (const line of evidence) progress(`${id}: ${line}`);
      const title = RULES.find((rule) => rule.id === id)?.title ?? '';
      return {
        id: 'S1',
        what: `${id} ${title}: breaches in ${looks} looks`,
        value: breaches,
        unit: '',
        goal: verdict === 'not seen' ? 'not seen' : '0',
        met: verdict === 'not seen' ? null : breaches === 0,
      };
    }),
  ]);
} finally {
  over.abort();
  await live.close();
}

/** What the trouble leaves in the playlists: parts that are gaps, and the epochs of names. */
async function listed(url: string, seen: { gaps: Set<string>; epochs: Set<string> }): Promise<void> {
  for (const name of ['720p', '480p', '240p']) {
    // While the edge or the origin is away there is nothing to count.
    const answer = await fetch(new URL(`${name}.m3u8`, url)).catch(() => null);
    const text = answer?.ok ? await answer.text() : '';
    for (const [, attributes = ''] of text.matchAll(/^#EXT-X-PART:(.*)$/gm)) {
      const uri = /URI="([^"]+)"/.exec(attributes)?.[1];
      if (uri && /GAP=YES/.test(attributes)) seen.gaps.add(uri);
    }
    for (const [, epoch = ''] of text.matchAll(/\/(e\d+)\/s/g)) seen.epochs.add(epoch);
  }
}
