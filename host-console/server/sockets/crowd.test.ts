/** Strangers in numbers: what one address, one person and one room get, over real sockets and HTTP. */
import type { WebinarView } from '@rostrum/contracts';
import { parseProxies } from '../identity/address.ts';
import { LIMITS, type Limits, limitsWith } from '../identity/limits.ts';
import { type Client, type House, openHouse, tokenOf, until } from '../testing/house.ts';
import { AWAY_AFTER_MS } from '../webinars/turnout.ts';

const BEHIND_PROXY = { trustedProxies: parseProxies(['loopback']) };
const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
const MANY = { burst: 1e6, perSecond: 1e6 };
const NO_MORE = { burst: 3, perSecond: 1e-3 };

let house: House;
let webinarId: string;
let aheadMs = 0;
const clock = {
  nowMs: () => performance.now() + aheadMs,
  nowUnixMs: () => Date.now() + aheadMs,
};
const open = async (overrides: Parameters<typeof openHouse>[0] = {}): Promise<void> => {
  aheadMs = 0;
  house = await openHouse({ clock, ...overrides });
  webinarId = await house.webinar();
};
afterEach(() => house.close());

const limited = (change: Partial<Limits>): { limits: Limits } => ({ limits: { ...LIMITS, ...change } });
const votesOf = (client: Client): number | undefined => client.view?.questions[0]?.votes;
const handsOf = (view: WebinarView | null): string[] | undefined => view?.hands.map((h) => h.personId);
const leave = async (client: Client): Promise<void> => {
  client.socket.disconnect();
  await until(() => client.socket.disconnected);
};
const join = (address: string, token?: string): Promise<Response> =>
  fetch(`${house.url}/api/webinars/${webinarId}/attendees`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: 'https://pages.example',
      ...from(address),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: '{"name":"Ada"}',
  });

test('votes and hands of who has been gone for a minute leave everyone’s view, and come back with them', async () => {
  await open();
  const host = await house.enter(webinarId, 'host');
  const [ada, ben] = [
    await house.enter(webinarId, 'attendee', 'attendee-1'),
    await house.enter(webinarId, 'attendee', 'attendee-2'),
  ];
  await ben.must('question:ask', { questionId: 'question-1', text: 'Why?' });
  await ada.must('question:vote', { questionId: 'question-1', vote: true });
  await ben.must('question:vote', { questionId: 'question-1', vote: true });
  await ada.must('hand:raise', {});
  await until(() => votesOf(host) === 2 && votesOf(ben) === 2 && handsOf(host.view)?.length === 1);
  const seq = host.seq;
  await leave(ada);
  await until(() => house.coordinator.io.engine.clientsCount === 2);
  aheadMs += AWAY_AFTER_MS;
  await until(() => votesOf(host) === 1 && votesOf(ben) === 1 && handsOf(host.view)?.length === 0);
  expect([host.seq, ben.seq]).toEqual([seq, seq]);
  // Who comes in now sees the same, and so does who was away meanwhile and asks for the rest only.
  const late = await house.enter(webinarId, 'moderator');
  expect([votesOf(late), handsOf(late.view)]).toEqual([1, []]);
  const back = house.client({ token: await tokenOf(webinarId, 'host', host.personId), lastSeq: seq });
  const sync = await back.synced();
  // The moderator was admitted.
  expect(sync).toMatchObject({ kind: 'deltas', seq: seq + 1 });
  expect(sync.kind === 'deltas' && sync.deltas).toEqual(
    expect.arrayContaining([
      { type: 'votes', questionId: 'question-1', votes: 1 },
      { type: 'hands', hands: [] },
    ]),
  );
  const again = await house.enter(webinarId, 'attendee', 'attendee-1');
  expect(again.view).toMatchObject({ self: { hand: 'raised' }, questions: [{ votes: 2, voted: true }] });
  await until(() => votesOf(host) === 2 && votesOf(ben) === 2 && handsOf(host.view)?.length === 1);
});

test('after a restart everybody has a minute to come back', async () => {
  await open();
  const host = await house.enter(webinarId, 'host');
  const ada = await house.enter(webinarId, 'attendee', 'attendee-1');
  await ada.must('question:ask', { questionId: 'question-1', text: 'Why?' });
  await ada.must('question:vote', { questionId: 'question-1', vote: true });
  await ada.must('hand:raise', {});
  const { dataDir } = house;
  await house.close(true);
  house = await openHouse({ dataDir, clock });
  const back = house.client({ token: await tokenOf(webinarId, 'host', host.personId) });
  await back.synced();
  expect([votesOf(back), handsOf(back.view)]).toEqual([1, ['attendee-1']]);
  aheadMs += AWAY_AFTER_MS;
  await until(() => votesOf(back) === 0 && handsOf(back.view)?.length === 0);
  await house.enter(webinarId, 'attendee', 'attendee-1');
  await until(() => votesOf(back) === 1 && handsOf(back.view)?.length === 1);
});

test('sixty who come from one address make as few votes and hands as it gets, and the others go on', async () => {
  await open({
    ...BEHIND_PROXY,
    limits: limitsWith(5),
    commandRates: { stage: MANY, audience: MANY, connect: MANY, refused: MANY },
  });
  const host = await house.enter(webinarId, 'host');
  await host.must('question:ask', { questionId: 'question-1', text: 'Why?' });
  const enter = (i: number, address: string): Promise<Client> =>
    house.enter(webinarId, 'attendee', `attendee-${i}`, from(address));
  const crowd = await Promise.all(
    // Any address of one /64.
    Array.from({ length: 60 }, (_, i) => enter(i, `2001:db8::${i.toString(16)}`)),
  );
  const voted = await Promise.all(
    crowd.map((c) => c.code('question:vote', { questionId: 'question-1', vote: true })),
  );
  const raised = await Promise.all(crowd.map((c) => c.code('hand:raise', {})));
  for (const codes of [voted, raised]) {
    expect(codes.filter((code) => code === 'ok')).toHaveLength(5);
    expect(codes.filter((code) => code === 'limit-reached')).toHaveLength(55);
  }
  const other = await enter(100, '2001:db8:0:1::1');
  await other.must('question:vote', { questionId: 'question-1', vote: true });
  await other.must('hand:raise', {});
  await until(() => votesOf(host) === 6 && handsOf(host.view)?.length === 6);
  // Whose link the crew made is somebody the crew knows.
  const owner = new URL(await house.coordinator.service.ownerUrl()).hash.slice('#t='.length);
  const made = await fetch(`${house.url}/api/webinars/${webinarId}/links`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${owner}` },
    body: JSON.stringify({ role: 'attendee', name: 'Invited' }),
  });
  const { token } = (await made.json()) as { token: string };
  const invited = house.client({ token }, from('2001:db8::1'));
  await invited.synced();
  await invited.must('question:vote', { questionId: 'question-1', vote: true });
  await until(() => votesOf(host) === 7);
});

describe('an address', () => {
  test('gets so many new people in a webinar, whatever a client says of it; a new name is nobody new', async () => {
    const open3 = { ...LIMITS.identity.open, made: NO_MORE };
    await open({ ...BEHIND_PROXY, ...limited({ identity: { ...LIMITS.identity, open: open3 } }) });
    const answers: Response[] = [];
    for (let i = 0; i < 4; i += 1) answers.push(await join(`1.1.1.${i}, 203.0.113.9`));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 429]);
    const refused = answers.at(-1);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused?.headers.get('access-control-allow-origin')).toBe('https://pages.example');
    const { token } = (await (answers[0] as Response).json()) as { token: string };
    for (let i = 0; i < 4; i += 1) expect((await join('203.0.113.9', token)).status).toBe(201);
    expect((await join('203.0.113.10')).status).toBe(201);
    webinarId = await house.webinar();
    expect((await join('203.0.113.9')).status).toBe(201);
  });

  test('gets so many handshakes and commands of an audience; crew and stage are not held up by it', async () => {
    await open({
      ...BEHIND_PROXY,
      ...limited({
        handshakes: { sockets: MANY, address: NO_MORE, room: MANY },
        commands: { address: NO_MORE, room: MANY },
      }),
    });
    const near = from('203.0.113.9');
    const [ada, ben] = [
      await house.enter(webinarId, 'attendee', 'attendee-1', near),
      await house.enter(webinarId, 'attendee', 'attendee-2', near),
      await house.enter(webinarId, 'attendee', 'attendee-3', near),
    ];
    await expect(house.enter(webinarId, 'attendee', 'attendee-4', near)).rejects.toThrow('rate-limited');
    const host = await house.enter(webinarId, 'host', 'host-1', near);
    const far = await house.enter(webinarId, 'attendee', 'attendee-4', from('203.0.113.10'));
    const lower = (client: Client): Promise<string> => client.code('hand:lower', {});
    expect([await lower(ada), await lower(ben), await lower(ada), await lower(ben)]).toEqual([
      'ok',
      'ok',
      'ok',
      'rate-limited',
    ]);
    expect(await lower(far)).toBe('ok');
    expect(await host.code('direction:set', { direction: 'automatic' })).toBe('ok');
  });
});

test('an address gets so many sockets, of who never says who they are too', async () => {
  await open({
    ...BEHIND_PROXY,
    ...limited({ handshakes: { sockets: NO_MORE, address: MANY, room: MANY } }),
  });
  const knock = async (address: string): Promise<Response> =>
    fetch(`${house.url}/socket.io/?EIO=4&transport=polling`, {
      headers: { origin: 'https://pages.example', ...from(address) },
    });
  const answers: Response[] = [];
  for (let i = 0; i < 4; i += 1) answers.push(await knock('203.0.113.9'));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 403]);
  expect(answers.at(-1)?.headers.get('access-control-allow-origin')).toBe('https://pages.example');
  expect((await knock('203.0.113.10')).status).toBe(200);
});

test('a room gets so many handshakes, new people and commands of its audience, and its crew acts all the same', async () => {
  await open({
    ...BEHIND_PROXY,
    ...limited({
      handshakes: { sockets: MANY, address: MANY, room: NO_MORE },
      commands: { address: MANY, room: NO_MORE },
      madeInRoom: NO_MORE,
    }),
  });
  const crowd = [
    await house.enter(webinarId, 'attendee', 'attendee-1', from('203.0.113.1')),
    await house.enter(webinarId, 'attendee', 'attendee-2', from('203.0.113.2')),
    await house.enter(webinarId, 'attendee', 'attendee-3', from('203.0.113.3')),
  ];
  await expect(house.enter(webinarId, 'attendee', 'attendee-4', from('203.0.113.4'))).rejects.toThrow(
    'rate-limited',
  );
  const host = await house.enter(webinarId, 'host');
  const codes = [];
  for (let i = 0; i < 4; i += 1) codes.push(await crowd[i % 2]?.code('hand:lower', {}));
  expect(codes).toEqual(['ok', 'ok', 'ok', 'rate-limited']);
  expect(await host.code('direction:set', { direction: 'automatic' })).toBe('ok');
  const made = [];
  for (let i = 0; i < 4; i += 1) made.push((await join(`203.0.113.${i}`)).status);
  expect(made).toEqual([201, 201, 201, 429]);
  webinarId = await house.webinar();
  expect((await join('203.0.113.1')).status).toBe(201);
  await house.enter(webinarId, 'attendee', 'attendee-5');
});

describe('a person', () => {
  test('has so many connections; the oldest ends for the newest, and is told why', async () => {
    await open(limited({ socketsPerPerson: 2 }));
    const enter = (): Promise<Client> => house.enter(webinarId, 'attendee', 'attendee-1');
    const first = await enter();
    const told = new Promise((resolve) => first.socket.once('closing', resolve));
    const [second, third] = [await enter(), await enter()];
    expect(await told).toEqual({ reason: 'too-many-connections' });
    await first.gone();
    expect(await second.code('hand:raise', {})).toBe('ok');
    expect(await third.code('hand:lower', {})).toBe('ok');
    await house.enter(webinarId, 'attendee', 'attendee-2');
    expect(third.socket.connected && second.socket.connected).toBe(true);
  });

  test('shares one bucket of commands among their connections, and one of requests among their addresses', async () => {
    await open({
      ...BEHIND_PROXY,
      ...limited({ http: { person: NO_MORE, room: MANY } }),
      commandRates: { stage: MANY, audience: NO_MORE, connect: MANY, refused: MANY },
    });
    const clients = [
      await house.enter(webinarId, 'attendee', 'attendee-1', from('203.0.113.1')),
      await house.enter(webinarId, 'attendee', 'attendee-1', from('203.0.113.2')),
    ];
    const codes = [];
    for (let i = 0; i < 4; i += 1) codes.push(await clients[i % 2]?.code('hand:lower', {}));
    expect(codes).toEqual(['ok', 'ok', 'ok', 'rate-limited']);
    const token = await tokenOf(webinarId, 'attendee', 'attendee-1');
    const asked = [];
    for (let i = 0; i < 4; i += 1) asked.push((await join(`203.0.113.${i}`, token)).status);
    expect(asked).toEqual([201, 201, 201, 429]);
  });
});
