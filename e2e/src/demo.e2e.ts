import { walkChannel } from '@rostrum/conformance/channel';
import { Api } from './lib/api.ts';
import { Busy } from './lib/busy.ts';
import { type CrewMember, joinAsCrew } from './lib/crew.ts';
import { System } from './lib/system.ts';
import { eventually } from './lib/viewer.ts';

/** What `./rostrum up --demo` shows a stranger: that it goes live, keeps the protocol, comes back, and leaves nothing behind. */
const MINUTE_S = 60;

const need = (value: string | undefined, what: string): string => {
  if (!value) throw new Error(`the demo reported no ${what}`);
  return value;
};
const idOf = (watchUrl: string | undefined): string => need(watchUrl, 'watch page').split('/').at(-1) ?? '';
const tokenOf = (hostUrl: string): string =>
  new URLSearchParams(new URL(hostUrl).hash.slice(1)).get('t') ?? '';

const crewOf = (system: System): Promise<CrewMember> =>
  joinAsCrew(system.api.baseUrl, tokenOf(need(system.addresses.host, 'host link')));

/** As `eventually`; a failure also shows what the services logged last. */
async function soon<T>(
  system: System,
  what: string,
  deadlineMs: number,
  look: () => Promise<T | null>,
): Promise<T> {
  try {
    return await eventually(what, deadlineMs, look);
  } catch (error) {
    throw new Error(`${String(error)}\n${await system.lastLogLines()}`, { cause: error });
  }
}

const bothOnStage = (system: System, host: CrewMember): Promise<true> =>
  soon(system, 'both panelists on stage', 30_000, async () => (host.onStage().length === 2 ? true : null));

const phaseOf = async (system: System, webinarId: string): Promise<string> =>
  (await new Api(system.api.baseUrl, tokenOf(system.addresses.owner)).webinar(webinarId)).phase;

const LEFTOVER = "an earlier demo's webinar was still live; it is ended";

/** The launcher's own words have a time before them. */
const isBack = (system: System): boolean => system.said.some((line) => line.includes('demo is back'));

const messagesOf = async (system: System): Promise<string[]> =>
  (await system.log('demo')).map((line) => (JSON.parse(line) as { msg: string }).msg);

describe('the demo on a machine of its own', () => {
  let system: System;
  let host: CrewMember;

  beforeAll(async () => {
    system = await System.start({ args: ['--demo'], deadlineMs: 120_000 });
    host = await crewOf(system);
  }, 150_000);

  afterAll(async () => {
    host?.close();
    await system?.stop();
  }, 60_000);

  test('[S1] its channel is walked for a minute, and no rule of the protocol is broken', async () => {
    await bothOnStage(system, host);
    const records = await walkChannel({
      url: need(system.addresses.playlist, 'playlist'),
      seconds: MINUTE_S,
      signal: new AbortController().signal,
      progress: () => undefined,
    });
    expect(records.filter((record) => record.verdict === 'broken')).toEqual([]);
    expect(records.filter((record) => record.verdict === 'held').length).toBeGreaterThan(15);
  }, 120_000);

  test('the coordinator is killed: the demo is back by itself, with the same webinar', async () => {
    const pid = await system.pid('host-console');
    const demo = await system.pid('demo');
    process.kill(pid, 'SIGKILL');
    await soon(system, 'the coordinator to run again', 20_000, async () => {
      const now = await system.pid('host-console').catch(() => pid);
      return now !== pid ? now : null;
    });
    await soon(system, 'the host to see both again', 30_000, async () => {
      const again = await crewOf(system).catch(() => null);
      const both = again?.view().phase.phase === 'live' && again.onStage().length === 2;
      again?.close();
      return both ? true : null;
    });
    expect(await system.pid('demo')).toBe(demo);
  }, 60_000);

  test('the demo is killed: the next one ends what it left live, and one channel runs', async () => {
    const old = idOf(system.addresses.watch);
    process.kill(await system.pid('demo'), 'SIGKILL');
    await soon(system, 'the old webinar to end', 30_000, async () =>
      (await phaseOf(system, old)) === 'ended' ? true : null,
    );
    await soon(system, 'the next demo to be live, with one compositor', 30_000, async () =>
      isBack(system) && (await system.compositorPids()).length === 1 ? true : null,
    );
    expect(await messagesOf(system)).toContain(LEFTOVER);
  }, 90_000);
});

test('told to stop, the demo ends its webinar; the next one finds nothing left', async () => {
  const system = await System.start({ args: ['--demo'], deadlineMs: 120_000 });
  try {
    const old = idOf(system.addresses.watch);
    const host = await crewOf(system);
    const stoppedAtMs = performance.now();
    process.kill(await system.pid('demo'), 'SIGTERM');
    await host.until('the webinar to end', (view) => view.phase.phase === 'ended', 5000);
    // The launcher gives it five seconds.
    expect(performance.now() - stoppedAtMs).toBeLessThan(5000);
    host.close();
    expect(await phaseOf(system, old)).toBe('ended');
    await soon(system, 'the next demo', 30_000, async () => (isBack(system) ? true : null));
    expect(await messagesOf(system)).not.toContain(LEFTOVER);
  } finally {
    await system.stop();
  }
}, 180_000);

test('under a load of ten it becomes ready all the same, and nothing ends', async () => {
  const busy = new Busy(10);
  let system: System | undefined;
  try {
    system = await System.start({ args: ['--demo'], deadlineMs: 240_000 });
    const { host, watch } = system.addresses;
    // Where it took longer than `--json` waits for, the links come later.
    if (!host || !watch) {
      const started = system;
      await soon(started, 'the demo to report', 180_000, async () =>
        started.said.some((line) => line.endsWith('demo is ready')) ? true : null,
      );
    }
    expect(system.said.filter((line) => /exit code/.test(line))).toEqual([]);
  } finally {
    await busy.stop();
    await system?.stop();
  }
}, 480_000);
