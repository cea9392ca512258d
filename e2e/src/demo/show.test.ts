import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WebinarView } from '@rostrum/contracts';
import { Api, ApiError } from '../lib/api.ts';
import type { CrewMember } from '../lib/crew.ts';
import type { Ending, HeadlessPanelist, JoinOptions } from '../panelist/panelist.ts';
import type { Talker } from './conversation.ts';
import { OwnWebinars } from './own-webinars.ts';
import { DemoShow, type DemoShowParts } from './show.ts';
import { Teller } from './trouble.ts';

/** A coordinator as the demo sees it: webinars with a phase, and a list of what was asked of it. */
class Coordinator extends Api {
  readonly asked: string[] = [];
  readonly phases = new Map<string, 'scheduled' | 'live' | 'ended'>();
  failing: Error | null = null;
  #made = 0;

  constructor() {
    super('http://coordinator.invalid', 'owner');
  }

  override async createWebinar() {
    this.#ask('create');
    this.#made += 1;
    const webinarId = `webinar-${this.#made}`;
    this.phases.set(webinarId, 'scheduled');
    return this.#summary(webinarId);
  }

  override async createLink(webinarId: string, { role, name }: { role: string; name: string }) {
    this.#ask(`link ${role} ${name}`);
    const token = `${webinarId}/${role}/${name}`;
    return {
      url: `http://x/#t=${token}`,
      token,
      linkId: name,
      personId: name,
      role: 'host' as const,
      expiresUnixMs: 1,
    };
  }

  override async webinar(webinarId: string) {
    this.#ask(`look at ${webinarId}`);
    if (!this.phases.has(webinarId)) throw new ApiError('http://x', 404, 'no such webinar');
    return this.#summary(webinarId);
  }

  crew(token: string): CrewMember {
    const webinarId = token.split('/')[0] ?? '';
    return {
      command: async (name: string) => {
        this.#ask(`${name} ${webinarId}`);
        if (name === 'webinar:goLive') this.phases.set(webinarId, 'live');
        if (name === 'webinar:end') this.phases.set(webinarId, 'ended');
        return {} as never;
      },
      view: () =>
        ({ phase: { phase: this.phases.get(webinarId), playlistUrl: 'http://x/p.m3u8' } }) as WebinarView,
      until: async () => ({}) as WebinarView,
      onStage: () => [],
      qualityOf: () => null,
      close: () => undefined,
    };
  }

  #summary(webinarId: string) {
    const phase = this.phases.get(webinarId) ?? 'scheduled';
    return {
      webinarId,
      title: 't',
      startsAtUnixMs: null,
      profile: 'standard' as const,
      ...{ start: null, lengthMinutes: 60, cover: null, visibility: 'published' as const, series: null },
      access: 'open' as const,
      phase,
      createdUnixMs: 0,
      recording: 'none' as const,
      remains: [],
      unattended: null,
      watchUrl: `http://x/w/${webinarId}`,
    };
  }

  #ask(what: string): void {
    if (this.failing) throw this.failing;
    this.asked.push(what);
  }
}

const frames = [{ data: Buffer.of(0), keyframe: true }];
const talkers: Talker[] = ['Ada', 'Bo'].map((name) => ({
  clip: { name, layers: [{ width: 2, height: 2, frames }], audio: [Buffer.of(0)] },
  offsetMs: 0,
}));

let folder: string;
let own: OwnWebinars;
let coordinator: Coordinator;
let said: string[];
let nowMs: number;
let closed: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-demo-'));
  own = new OwnWebinars(join(folder, 'data', 'demo-webinars.json'));
  coordinator = new Coordinator();
  said = [];
  nowMs = 0;
  closed = [];
});
afterEach(() => rm(folder, { recursive: true }));

const onStage = async ({ token }: JoinOptions): Promise<HeadlessPanelist> => ({
  personId: token,
  ended: new Promise<Ending>(() => undefined),
  muted: false,
  setMuted: () => undefined,
  close: async () => void closed.push(token),
});

const showWith = (parts: Partial<DemoShowParts> = {}): DemoShow =>
  new DemoShow({
    api: coordinator,
    own,
    profile: 'standard',
    talkers: async () => talkers,
    joinAsCrew: async (_, token) => coordinator.crew(token),
    joinHeadless: onStage,
    teller: new Teller((_, line) => said.push(line)),
    now: () => nowMs,
    ...parts,
  });

/** Looks until the show is live or over. */
async function untilLive(show: DemoShow) {
  for (let i = 0; i < 50; i += 1) {
    const { phase, links } = await show.look();
    if (phase !== 'preparing') return { phase, links };
    await new Promise(setImmediate);
  }
  throw new Error('never live');
}

test('it goes live with everybody on stage and says where', async () => {
  const { phase, links } = await untilLive(showWith());
  expect(phase).toBe('live');
  expect(links).toEqual({
    host: 'http://x/#t=webinar-1/host/Demo host',
    panelist: 'http://x/#t=webinar-1/panelist/You',
    watch: 'http://x/w/webinar-1',
    playlist: 'http://x/p.m3u8',
  });
  expect(coordinator.asked.filter((what) => what.includes(' panelist '))).toHaveLength(3);
  expect(await own.list()).toEqual(['webinar-1']);
});

test('a step that fails is done again, and what was done before it is not', async () => {
  let lets = 2;
  const show = showWith({
    joinAsCrew: async (_, token) => {
      lets -= 1;
      if (lets >= 0) throw new Error('waited in vain');
      return coordinator.crew(token);
    },
  });
  await expect(show.look()).rejects.toThrow('lets no host into the webinar');
  await expect(show.look()).rejects.toThrow('lets no host into the webinar');
  await untilLive(show);
  expect(coordinator.asked.filter((what) => what === 'create')).toHaveLength(1);
  expect(coordinator.asked.filter((what) => what.startsWith('link host'))).toHaveLength(1);
});

test('a coordinator that is away when it begins is waited for', async () => {
  const show = showWith();
  coordinator.failing = new Error('away');
  await expect(show.look()).rejects.toThrow('away');
  coordinator.failing = null;
  expect((await untilLive(show)).phase).toBe('live');
});

test('who cannot get on stage does not keep the show from beginning', async () => {
  const show = showWith({
    joinHeadless: (options) => {
      if (options.token.endsWith('Ada')) return onStage(options);
      options.onTrouble?.({
        what: 'could-not-join',
        code: 'network',
        message: 'media:join: the stage did not answer in 20 s',
        retryInMs: 5000,
      });
      return new Promise(() => undefined);
    },
  });
  for (let i = 0; i < 5; i += 1) expect((await show.look()).phase).toBe('preparing');
  expect(said).toContain(
    "the demo's panelist Bo could not join: the stage did not answer in 20 s; trying again in 5 s",
  );
  nowMs = 20_000;
  expect((await untilLive(show)).phase).toBe('live');
});

test('what an earlier demo left live is ended first, and nothing else', async () => {
  coordinator.phases.set('killed', 'live');
  coordinator.phases.set("somebody's", 'live');
  coordinator.phases.set('finished', 'ended');
  for (const id of ['killed', 'finished', 'of another database']) await own.add(id);
  await untilLive(showWith());
  expect(coordinator.phases.get('killed')).toBe('ended');
  expect(coordinator.phases.get("somebody's")).toBe('live');
  expect(coordinator.asked.indexOf('webinar:end killed')).toBeLessThan(coordinator.asked.indexOf('create'));
  expect(await own.list()).toEqual(['webinar-1']);
});

test('told to stop, it ends its webinar, leaves the stage and has nothing to remember', async () => {
  const show = showWith();
  await untilLive(show);
  await show.end();
  expect(coordinator.phases.get('webinar-1')).toBe('ended');
  expect(closed).toHaveLength(2);
  expect(await own.list()).toEqual([]);
});

test('what it could not end stays noted for the next demo', async () => {
  const show = showWith();
  await untilLive(show);
  coordinator.failing = new Error('unavailable: no connection');
  await show.end();
  expect(await own.list()).toEqual(['webinar-1']);
  expect(said.at(-1)).toBe(
    "the demo's webinar could not be ended: unavailable: no connection; the next demo ends it",
  );
});

test('a webinar that somebody ended is over for the demo too', async () => {
  const show = showWith();
  await untilLive(show);
  coordinator.phases.set('webinar-1', 'ended');
  expect(await show.look()).toEqual({ phase: 'over', links: null });
  expect(await own.list()).toEqual([]);
});

test('notes that cannot be read are not thrown away', async () => {
  await own.add('one');
  await writeFile(join(folder, 'data', 'demo-webinars.json'), 'torn');
  await expect(showWith().look()).rejects.toThrow("delete it if the demo's last webinar has ended");
});
