import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PublicWebinar } from '@rostrum/contracts/http-api';
import type { Sync } from '@rostrum/contracts/person-socket';
import { EMPTY_PLAN, publicPlan } from '@rostrum/contracts/plan';
import { PERSON_NAMESPACE } from '@rostrum/contracts/protocol';
import type { PhaseView, WebinarView } from '@rostrum/contracts/view';
import type { Keep } from '@rostrum/room-client/keep';
import { keepInMemory } from '@rostrum/room-client/testing/keep';
import { Server } from 'socket.io';
import { announcedPhase } from './admission.ts';
import { createSession, type SessionState, type WatchSession } from './session.ts';

const WEBINAR = 'web1';
const PRIVATE = 'private-web1';
const PLAYLIST = 'http://origin.test/live/c1/multivariant.m3u8';

/** An unsigned token of the shape the coordinator's have; what is tested here only carries it. */
const tokenOf = (personId: string, name: string): string => {
  const claims = { sub: personId, name, exp: Math.floor(Date.now() / 1000) + 3600 };
  return `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
};
const claimsOf = (token: string): { sub: string; name: string } =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly atMs: number;
}

/** A coordinator's outside: real HTTP and a real Socket.IO server, with only as much behind them as a test says. */
async function openCoordinator() {
  const sessions: WatchSession[] = [];
  let people = 0;
  let syncing: Promise<void> = Promise.resolve();
  const http = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', async () => {
      const url = request.url ?? '';
      self.asked.push({ url, headers: request.headers, atMs: performance.now() });
      if (url.endsWith('/right')) await self.beforeRight;
      const refusal = url.endsWith('/attendees') ? self.refusals.shift() : undefined;
      const [status, json] = refusal ? [refusal.status, {}] : answerTo(url, request.headers, body);
      const wait = refusal?.retryAfter ? { 'retry-after': refusal.retryAfter } : {};
      response.writeHead(status, { 'content-type': 'application/json', ...wait }).end(JSON.stringify(json));
    });
  });
  const answerTo = (url: string, headers: IncomingHttpHeaders, body: string): [number, unknown] => {
    if (self.failing) return [500, {}];
    if (url === `/api/webinars/${PRIVATE}/attendees`) return [401, {}];
    if (url === `/api/webinars/${PRIVATE}/right`)
      return self.rights.shift() ?? [200, { right: { validMs: 1e6, renewAfterMs: 5e5 } }];
    if (url === `/w/${WEBINAR}/config.json` || url === `/w/${PRIVATE}/config.json`)
      return [200, { coordinatorUrl: base }];
    if (url === `/api/webinars/${WEBINAR}/public` && self.announced) return [200, self.announced];
    if (url !== `/api/webinars/${WEBINAR}/attendees`) return [404, {}];
    const present = headers.authorization?.replace('Bearer ', '');
    if (present !== undefined && self.stale.has(present)) return [401, {}];
    people += present === undefined ? 1 : 0;
    const personId = present === undefined ? `person-${people}` : claimsOf(present).sub;
    const { name = 'Guest' } = JSON.parse(body) as { name?: string };
    return [201, { token: tokenOf(personId, name), personId, expiresUnixMs: 0 }];
  };
  const io = new Server(http);
  io.of(PERSON_NAMESPACE).use((_socket, next) => {
    const code = self.handshakeRefusal;
    next(code ? Object.assign(new Error(code), { data: { code } }) : undefined);
  });
  io.of(PERSON_NAMESPACE).on('connection', (socket) => {
    const { sub, name } = claimsOf(String(socket.handshake.auth.token));
    socket.on('question:vote', (input: { vote: boolean }, answer: (result: unknown) => void) => {
      self.votes.set(sub, input.vote);
      answer({ ok: true, value: null });
    });
    socket.on('question:ask', (_input: unknown, answer: (result: unknown) => void) => {
      const code = self.refusedNames.has(name) ? 'name-taken' : null;
      answer(code ? { ok: false, error: { code, message: code } } : { ok: true, value: null });
    });
    void syncing.then(() => {
      const sync: Sync = { kind: 'snapshot', seq: 1, view: viewOf(sub, name, self.phase, self.votes) };
      socket.emit('sync', sync, Date.now());
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

  const self = {
    phase: { phase: 'scheduled' } as PhaseView,
    announced: null as PublicWebinar | null,
    /** Every request is answered 500. */
    failing: false,
    /** What the next requests for a token are answered instead. */
    refusals: [] as { readonly status: number; readonly retryAfter?: string }[],
    /** What the next requests for the right to a private webinar are answered. */
    rights: [] as [number, unknown][],
    /** Those are not answered before. */
    beforeRight: Promise.resolve(),
    /** Tokens that are not known any more. */
    stale: new Set<string>(),
    votes: new Map<string, boolean>(),
    /** Names that somebody else has on the stage. */
    refusedNames: new Set<string>(),
    /** What connections are refused with. */
    handshakeRefusal: null as string | null,
    asked: [] as Asked[],
    /** Connections are told nothing until what this answers is called. */
    silence(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      syncing = promise;
      return resolve;
    },
    /** Ends every connection for good, for one the same people opened since. */
    displace: () => void io.of(PERSON_NAMESPACE).emit('closing', { reason: 'too-many-connections' }),
    open(
      options: { keep?: Keep; keepForTab?: Keep; webinarId?: string; linkToken?: string } = {},
    ): WatchSession {
      const session = createSession({
        origin: base,
        webinarId: WEBINAR,
        linkToken: null,
        keep: keepInMemory(),
        keepForTab: keepInMemory(),
        ...options,
      });
      sessions.push(session);
      return session;
    },
    async close(): Promise<void> {
      for (const session of sessions) session.close();
      http.closeAllConnections();
      await io.close();
    },
  };
  return self;
}

const viewOf = (
  personId: string,
  name: string,
  phase: PhaseView,
  votes: ReadonlyMap<string, boolean>,
): WebinarView => ({
  webinarId: WEBINAR,
  title: 'Town hall',
  startsAtUnixMs: null,
  profile: 'standard',
  plan: publicPlan(EMPTY_PLAN),
  phase,
  self: {
    personId,
    name,
    role: 'attendee',
    guest: false,
    hand: 'down',
    muted: null,
    consent: { recording: 'open', tracks: 'open' },
  },
  doors: { bed: false, openMinutes: null, untilUnixMs: null },
  rules: { moderation: 'open', mayUnmute: true, tracks: false },
  questions: [
    {
      questionId: 'question-1',
      name: 'A',
      role: 'attendee',
      personId: null,
      text: 'Why?',
      askedUnixMs: 0,
      status: 'new',
      answer: null,
      votes: [...votes.values()].filter(Boolean).length,
      mine: false,
      voted: votes.get(personId) ?? false,
    },
  ],
  people: [],
  hands: [],
  scene: null,
  direction: null,
  recording: null,
  backstage: null,
});

/** Resolves with the first state that passes; jest's own limit ends a wait in vain. */
const until = (session: WatchSession, passes: (state: SessionState) => boolean): Promise<SessionState> =>
  new Promise((resolve) => {
    const check = (): void => {
      const state = session.state.get();
      if (!passes(state)) return;
      off();
      resolve(state);
    };
    const off = session.state.subscribe(check);
    check();
  });

let coordinator: Awaited<ReturnType<typeof openCoordinator>>;
beforeEach(async () => {
  coordinator = await openCoordinator();
});
afterEach(() => coordinator.close());

const attendeeRequests = (): Asked[] => coordinator.asked.filter((a) => a.url.endsWith('/attendees'));
const tokenKept = (keep: Keep): string => JSON.parse(keep.read(`admission.${WEBINAR}`) ?? '{}').token;

describe('a name', () => {
  test('is taken with the token one has, in a header, and the vote cast before stays one’s own', async () => {
    const keep = keepInMemory();
    const session = coordinator.open({ keep });
    const guest = await until(session, (s) => s.view !== null);
    expect(guest).toMatchObject({ named: false, view: { self: { personId: 'person-1', name: 'Guest' } } });
    const before = tokenKept(keep);
    session.vote('question-1', true);
    await until(session, (s) => Object.keys(s.votes).length === 0);

    await session.takeName('Ada');
    const ada = session.state.get();
    expect(ada).toMatchObject({ named: true, view: { self: { personId: 'person-1', name: 'Ada' } } });
    expect(ada.view?.questions).toMatchObject([{ votes: 1, voted: true }]);
    const [first, second] = attendeeRequests();
    expect(first?.headers.authorization).toBeUndefined();
    expect(second?.headers.authorization).toBe(`Bearer ${before}`);
    expect(coordinator.asked.filter((a) => a.url.includes(before))).toEqual([]);

    // The same browser later: nobody new is asked for.
    const again = await until(coordinator.open({ keep }), (s) => s.view !== null);
    expect(again).toMatchObject({ named: true, view: { self: { personId: 'person-1', name: 'Ada' } } });
    expect(attendeeRequests()).toHaveLength(2);
  });

  test('typed before the page was admitted is still the name of the one who is admitted', async () => {
    const session = coordinator.open();
    await session.takeName('Ada');
    expect(session.state.get().view?.self).toMatchObject({ personId: 'person-1', name: 'Ada' });
    expect(attendeeRequests()).toHaveLength(2);
  });

  test('is somebody new’s where the coordinator knows the token no more', async () => {
    const keep = keepInMemory();
    const session = coordinator.open({ keep });
    await until(session, (s) => s.view !== null);
    coordinator.stale.add(tokenKept(keep));
    await session.takeName('Ada');
    expect(session.state.get().view?.self).toMatchObject({ personId: 'person-2', name: 'Ada' });
  });

  test('that looks like somebody else’s is refused, and the same person keeps the one they have', async () => {
    const session = coordinator.open();
    await until(session, (s) => s.view !== null);
    coordinator.refusals.push({ status: 409 });
    await expect(session.takeName('Host')).rejects.toMatchObject({ code: 'name-taken' });
    expect(session.state.get()).toMatchObject({ named: false, view: { self: { name: 'Guest' } } });
  });

  test('is asked for again when somebody of that name has come to the stage, and the question goes with the new one', async () => {
    const session = coordinator.open();
    await session.takeName('Ada');
    coordinator.refusedNames.add('Ada');
    session.ask('Why?');
    const { outbox, named } = await until(session, (s) => !s.named);
    expect(named).toBe(false);
    const [question] = (await until(session, (s) => s.outbox[0]?.status === 'refused')).outbox;
    expect(question).toMatchObject({ text: 'Why?', refusal: 'name-taken' });
    await session.takeName('Ada B.');
    session.askAgain(outbox[0]?.questionId ?? '');
    await until(session, (s) => s.outbox.length === 0);
    expect(session.state.get().view?.self).toMatchObject({ personId: 'person-1', name: 'Ada B.' });
  });

  test('that does not get through leaves everything as it was', async () => {
    const session = coordinator.open();
    await until(session, (s) => s.view !== null);
    coordinator.failing = true;
    await expect(session.takeName('Ada')).rejects.toMatchObject({ code: 'unreachable' });
    expect(session.state.get()).toMatchObject({
      named: false,
      connection: 'connected',
      view: { self: { personId: 'person-1', name: 'Guest' } },
    });
  });
});

test('whoever was sent out is told so, and nobody new is made of them', async () => {
  coordinator.handshakeRefusal = 'sent-out';
  const session = coordinator.open();
  await until(session, (s) => s.problem === 'sent-out');
  expect(attendeeRequests()).toHaveLength(1);
});

test('a page that was closed for newer ones says so, and stays who it was without being anybody new', async () => {
  const keep = keepInMemory();
  const session = coordinator.open({ keep });
  await until(session, (s) => s.view !== null);
  const token = tokenKept(keep);
  coordinator.displace();
  await until(session, (s) => s.problem === 'crowded');
  // Longer than it waits before it would ask for another token.
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect([session.state.get().problem, tokenKept(keep)]).toEqual(['crowded', token]);
  expect(attendeeRequests()).toHaveLength(1);
});

describe('a coordinator that is busy', () => {
  test('is asked again when it says, not before, and not at another address', async () => {
    coordinator.refusals.push({ status: 429, retryAfter: '1' }, { status: 503, retryAfter: '1' });
    const session = coordinator.open();
    await until(session, (s) => s.view !== null);
    const [first, second, third] = attendeeRequests().map(({ atMs }) => atMs);
    for (const waited of [(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)]) {
      expect(waited).toBeGreaterThan(990);
    }
    expect(coordinator.asked.filter(({ url }) => url.endsWith('/config.json'))).toHaveLength(1);
  });

  test('is never given up', async () => {
    coordinator.refusals.push(...Array.from({ length: 3 }, () => ({ status: 429, retryAfter: '0' })));
    await until(coordinator.open(), (s) => s.view !== null);
    expect(attendeeRequests()).toHaveLength(4);
  });

  test('takes a name a little later', async () => {
    const session = coordinator.open();
    await until(session, (s) => s.view !== null);
    coordinator.refusals.push({ status: 429, retryAfter: '1' });
    await session.takeName('Ada');
    expect(session.state.get().view?.self.name).toBe('Ada');
  });

  test('takes no name that cannot be one, and says so at once', async () => {
    const session = coordinator.open();
    await until(session, (s) => s.view !== null);
    coordinator.refusals.push({ status: 400 });
    await expect(session.takeName('Ada')).rejects.toMatchObject({ code: 'bad-name' });
  });
});

describe('the announcement', () => {
  const announcement: PublicWebinar = {
    webinarId: WEBINAR,
    title: 'Town hall',
    phase: 'live',
    startsAtUnixMs: null,
    profile: 'fast',
    plan: publicPlan(EMPTY_PLAN),
    live: { sinceUnixMs: 1000, playlistUrl: PLAYLIST },
  };

  test('gives the player its playlist and profile while the connection is still silent', async () => {
    coordinator.announced = announcement;
    coordinator.silence();
    const session = coordinator.open();
    const early = await until(session, (s) => s.remembered !== null);
    expect(early.view).toBeNull();
    expect(early.remembered).toEqual({
      title: 'Town hall',
      startsAtUnixMs: null,
      profile: 'fast',
      phase: { phase: 'live', sinceUnixMs: 1000, playlistUrl: PLAYLIST },
    });
    expect((await until(session, (s) => s.connection === 'connected')).view).toBeNull();
  });

  test.each<PhaseView>([
    { phase: 'scheduled' },
    { phase: 'ended', endedUnixMs: 2000, recording: 'none', recordingUrl: null },
    { phase: 'live', sinceUnixMs: 3000, playlistUrl: 'http://other.test/live/c2/multivariant.m3u8' },
  ])('gives way to the connection, which says $phase', async (phase) => {
    coordinator.announced = announcement;
    coordinator.phase = phase;
    const speak = coordinator.silence();
    const session = coordinator.open();
    await until(session, (s) => s.remembered !== null);
    speak();
    const { view, remembered } = await until(session, (s) => s.view !== null);
    expect((view ?? remembered)?.phase).toEqual(phase);
  });

  test('replaces a countdown this tab remembers, but nothing that plays already', async () => {
    coordinator.announced = announcement;
    coordinator.silence();
    const seen = async (phase: PhaseView) => {
      const keepForTab = keepInMemory();
      const stored = { title: 'Town hall', startsAtUnixMs: null, profile: 'fast', phase };
      keepForTab.write(`webinar.${WEBINAR}`, JSON.stringify(stored));
      const before = coordinator.asked.length;
      const session = coordinator.open({ keepForTab });
      // The token is asked for after the announcement, so by then that was asked for too.
      await until(session, (s) => s.connection === 'connected');
      return coordinator.asked.slice(before).filter((a) => a.url.endsWith('/public')).length;
    };
    expect(await seen({ phase: 'scheduled' })).toBe(1);
    expect(await seen({ phase: 'live', sinceUnixMs: 1000, playlistUrl: PLAYLIST })).toBe(0);
  });

  test('says nothing of the phase where only the connection can', () => {
    expect(announcedPhase({ ...announcement, live: null })).toBeNull();
    expect(announcedPhase({ ...announcement, phase: 'ended', live: null })).toBeNull();
    expect(announcedPhase({ ...announcement, phase: 'scheduled', live: null })).toEqual({
      phase: 'scheduled',
    });
  });
});

describe('a private webinar', () => {
  const link = { webinarId: PRIVATE, linkToken: tokenOf('person-7', 'Ann') };
  const asked = (what: string): Asked[] => coordinator.asked.filter(({ url }) => url.endsWith(what));
  const right = (renewAfterMs: number): [number, unknown] => [200, { right: { validMs: 1e6, renewAfterMs } }];

  test('is told of once there is a right to its media, and not from what a tab remembers', async () => {
    const keepForTab = keepInMemory();
    const remembered = {
      title: 'T',
      profile: 'standard',
      phase: { phase: 'live', sinceUnixMs: 0, playlistUrl: PLAYLIST },
    };
    keepForTab.write(`webinar.${PRIVATE}`, JSON.stringify({ ...remembered, startsAtUnixMs: null }));
    coordinator.rights.push([503, {}]);
    const session = coordinator.open({ ...link, keepForTab });
    expect(session.state.get().remembered).toBeNull();
    await until(session, (s) => s.view !== null);
    expect(asked('/right').map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill(`Bearer ${link.linkToken}`),
    );
  });

  test('its right is renewed when that was said, again after a failure, and once a time', async () => {
    coordinator.rights.push(right(20), [503, {}], right(20), right(1e6));
    const session = coordinator.open(link);
    await until(session, (s) => s.view !== null);
    while (asked('/right').length < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(coordinator.rights).toEqual([]);
    expect(session.state.get()).toMatchObject({ connection: 'connected', problem: null });
  }, 20_000);

  test('a right that is taken back is not asked for again', async () => {
    coordinator.rights.push(right(20), [401, {}]);
    const session = coordinator.open(link);
    await until(session, (s) => s.view !== null);
    while (asked('/right').length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(asked('/right')).toHaveLength(2);
  });

  test('a page that is left while its right is on its way waits for nothing more', async () => {
    const waits: number[] = [];
    const setTimer = globalThis.setTimeout;
    let answer = (): void => undefined;
    coordinator.beforeRight = new Promise<void>((resolve) => {
      answer = resolve;
    });
    coordinator.rights.push(right(1e6));
    const session = coordinator.open(link);
    while (asked('/right').length < 1) await new Promise((resolve) => setTimeout(resolve, 10));
    session.close();
    globalThis.setTimeout = ((run: () => void, ms: number) => {
      waits.push(ms);
      return setTimer(run, ms);
    }) as typeof setTimeout;
    try {
      answer();
      await new Promise((resolve) => setTimer(resolve, 200));
    } finally {
      globalThis.setTimeout = setTimer;
    }
    expect(waits).not.toContain(1e6);
  });

  test('who comes without a link is told so, and is not made anybody', async () => {
    const session = coordinator.open({ webinarId: PRIVATE });
    await until(session, (s) => s.problem === 'refused');
    expect(asked('/right')).toEqual([]);
  });

  test('why a link gives no right is what the connection says', async () => {
    coordinator.rights.push([401, {}]);
    coordinator.handshakeRefusal = 'revoked';
    await until(coordinator.open(link), (s) => s.problem === 'link-expired');
  });
});
