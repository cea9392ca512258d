import { type House, openHouse, tokenOf } from '../testing/house.ts';

let house: House;
let owner: string;
let webinarId: string;
beforeEach(async () => {
  house = await openHouse();
  owner = new URL(await house.coordinator.service.ownerUrl()).hash.slice('#t='.length);
  webinarId = await house.webinar('Members only');
});
afterEach(() => house.close());

const ask = async (method: string, path: string, body?: unknown, token: string | null = null) => {
  const response = await fetch(`${house.url}/api/webinars/${webinarId}${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, told: (await response.json()) as Record<string, unknown> };
};
const wanted = async (passcode: string | null): Promise<void> => {
  await ask('PATCH', '/plan', { fields: { join: 'passcode' } }, owner);
  await ask('POST', '/passcode', { passcode }, owner);
};
const REFUSED = { status: 401, told: { error: { code: 'unauthenticated', field: 'passcode' } } };

test('who comes without a link is asked for the passcode, and comes in with it', async () => {
  await wanted('open sesame');
  expect(await ask('GET', '/passcode', undefined, owner)).toMatchObject({ told: { isSet: true } });
  expect(await ask('POST', '/attendees', {})).toMatchObject(REFUSED);
  expect(await ask('POST', '/attendees', { passcode: 'open barley' })).toMatchObject(REFUSED);
  const { status, told } = await ask('POST', '/attendees', { passcode: ' open sesame ' });
  expect(status).toBe(201);
  // Whoever is in takes a name without it.
  expect((await ask('POST', '/attendees', { name: 'Ada' }, String(told.token))).status).toBe(201);
});

test('where the plan wants one and none is set, nobody new comes in; where it wants none, what is set counts for nothing', async () => {
  await wanted(null);
  expect(await ask('POST', '/attendees', { passcode: 'anything' })).toMatchObject(REFUSED);
  await wanted('open sesame');
  await ask('PATCH', '/plan', { fields: { join: 'open' } }, owner);
  expect((await ask('POST', '/attendees', {})).status).toBe(201);
});

test('it is set by owner and host, in at least four characters, and told to nobody', async () => {
  const moderator = await tokenOf(webinarId, 'moderator', 'person-1');
  expect((await ask('POST', '/passcode', { passcode: 'open sesame' }, moderator)).status).toBe(403);
  expect((await ask('POST', '/passcode', { passcode: '123' }, owner)).status).toBe(400);
  const host = await tokenOf(webinarId, 'host', 'person-2');
  const { told } = await ask('POST', '/passcode', { passcode: 'open sesame' }, host);
  expect(told).toEqual({ isSet: true });
  const log = await house.store.events.read(webinarId, 0);
  expect(JSON.stringify(log)).not.toContain('sesame');
});

test('who guesses is made to wait', async () => {
  await wanted('open sesame');
  const statuses = await Promise.all(
    Array.from({ length: 130 }, () =>
      ask('POST', '/attendees', { passcode: 'a guess' }).then((a) => a.status),
    ),
  );
  expect(statuses).toContain(429);
});
