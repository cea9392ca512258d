/** The crew and what it does about people and their words, over real sockets. */
import { SENT_OUT_MS } from '@rostrum/contracts';
import { systemClock } from '../ports.ts';
import { type Client, type House, openHouse, tokenOf, until } from '../testing/house.ts';

let house: House;
let laterMs = 0;
let webinarId: string;
let host: Client;
let ada: Client;
let ben: Client;
const adaId = 'attendee-1';
beforeEach(async () => {
  laterMs = 0;
  house = await openHouse({ clock: { ...systemClock, nowUnixMs: () => Date.now() + laterMs } });
  webinarId = await house.webinar();
  host = await house.enter(webinarId, 'host', 'host-1');
  ada = await house.enter(webinarId, 'attendee', adaId);
  ben = await house.enter(webinarId, 'attendee', 'attendee-2');
});
afterEach(() => house.close());

const refusal = async (): Promise<string> => {
  const client = house.client({ token: await tokenOf(webinarId, 'attendee', adaId, 'Another name') });
  try {
    await client.synced();
    return 'admitted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
const ask = (client: Client, questionId: string) => client.must('question:ask', { questionId, text: 'Why?' });
const idsOf = (client: Client): string[] => (client.view?.questions ?? []).map((q) => q.questionId);
const joins = (name: string, bearer?: string): Promise<Response> =>
  fetch(`${house.url}/api/webinars/${webinarId}/attendees`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
    },
    body: JSON.stringify({ name }),
  });

test('a moderated webinar shows a question to the audience when it is approved, and never before', async () => {
  await host.must('moderation:set', { moderation: 'moderated' });
  await until(() => ben.view?.rules.moderation === 'moderated');
  await ask(ada, 'question-1');
  await ask(host, 'question-2');
  await until(() => idsOf(ben).includes('question-2'));
  expect(idsOf(ben)).toEqual(['question-2']);
  expect(JSON.stringify(ben.updates)).not.toContain('question-1');
  expect((await house.enter(webinarId, 'attendee', 'attendee-3')).view?.questions).toHaveLength(1);
  await until(() => idsOf(host).length === 2 && idsOf(ada).length === 2);
  expect(ada.view?.questions).toMatchObject([
    { status: 'held', mine: true, role: 'attendee', personId: null },
    { role: 'host', name: 'Name of host-1' },
  ]);
  expect(host.view?.questions[0]).toMatchObject({ status: 'held', personId: adaId });
  expect(await ada.code('question:approve', { questionId: 'question-1' })).toBe('forbidden');
  await host.must('question:approve', { questionId: 'question-1' });
  await until(() => idsOf(ben).includes('question-1'));
});

test('who is sent out is disconnected, stays out under any name, and may come back after a while', async () => {
  await ask(ada, 'question-1');
  await ada.must('hand:raise', {});
  await until(() => host.view?.hands.length === 1);
  await host.must('person:sendOut', { personId: adaId });
  await ada.gone();
  expect(await refusal()).toBe('sent-out');
  expect((await joins('Eve', await tokenOf(webinarId, 'attendee', adaId))).status).toBe(401);
  await until(() => host.view?.hands.length === 0);
  expect(host.view?.questions).toMatchObject([{ questionId: 'question-1', status: 'new' }]);
  laterMs = SENT_OUT_MS;
  expect(await refusal()).toBe('admitted');
  // Who came back may be sent out again.
  await host.must('person:sendOut', { personId: adaId });
  expect(await refusal()).toBe('sent-out');
});

test('who is banned does not come back, and their open questions and hand are gone', async () => {
  await ask(ada, 'question-1');
  await ada.must('hand:raise', {});
  await until(() => idsOf(ben).includes('question-1'));
  await host.must('person:remove', { personId: adaId });
  await ada.gone();
  await until(() => idsOf(ben).length === 0 && host.view?.hands.length === 0);
  laterMs = 2 * SENT_OUT_MS;
  expect(await refusal()).toBe('removed');
  expect((await joins('Eve', await tokenOf(webinarId, 'attendee', adaId))).status).toBe(401);
});

test('nobody joins under the name of somebody of the crew, or asks under one that was taken before', async () => {
  for (const name of ['Name of host-1', 'H0ST', 'Moderator', 'Rostrum']) {
    const refused = await joins(name);
    expect([refused.status, await refused.json()]).toMatchObject([
      409,
      { error: { code: 'name-taken', field: 'name' } },
    ]);
  }
  expect((await joins('Guest')).status).toBe(201);
  const early = (await (await joins('Pia Pan')).json()) as { token: string };
  const client = house.client({ token: early.token });
  await client.synced();
  await ask(client, 'question-1');
  const link = await house.coordinator.service.ownerUrl();
  const made = await fetch(`${house.url}/api/webinars/${webinarId}/links`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${new URL(link).hash.slice('#t='.length)}`,
    },
    body: JSON.stringify({ role: 'panelist', name: 'Pia Pan' }),
  });
  expect(made.status).toBe(201);
  expect(await client.code('question:ask', { questionId: 'question-2', text: 'Why?' })).toBe('name-taken');
  expect(await client.code('hand:raise', {})).toBe('name-taken');
});

test('a mute outlives the connection, and is lifted by the crew alone where people may not', async () => {
  const pia = await house.enter(webinarId, 'panelist', 'panelist-1');
  await host.must('unmuting:set', { mayUnmute: false });
  await host.must('person:mute', { personId: 'panelist-1' });
  pia.socket.disconnect();
  const again = await house.enter(webinarId, 'panelist', 'panelist-1');
  expect(again.view).toMatchObject({
    self: { muted: { byName: 'Name of host-1', asked: false } },
    rules: { mayUnmute: false },
  });
  expect(await again.code('person:unmuteSelf', {})).toBe('muted');
  expect(await again.code('person:unmute', { personId: 'panelist-1' })).toBe('forbidden');
  await again.must('hand:raise', {});
  await until(() => host.view?.hands.length === 1);
  await host.must('hand:accept', { personId: 'panelist-1' });
  await until(() => again.view?.self.muted === null);
  expect(again.view?.self.guest).toBe(false);
});

test('a person is removed by the links’ routes too, by the owner or a host, whether or not they came', async () => {
  const owner = new URL(await house.coordinator.service.ownerUrl()).hash.slice('#t='.length);
  const ofHost = await tokenOf(webinarId, 'host', 'host-1');
  const remove = async (personId: string, token: string): Promise<number> => {
    const url = `${house.url}/api/webinars/${webinarId}/people/${personId}`;
    return (await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })).status;
  };
  const made = await fetch(`${house.url}/api/webinars/${webinarId}/links`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${owner}` },
    body: JSON.stringify({ role: 'panelist', name: 'Pia Pan' }),
  });
  const { personId, token } = (await made.json()) as { personId: string; token: string };
  expect(await remove(personId, await tokenOf(webinarId, 'moderator', 'moderator-1'))).toBe(403);
  expect(await remove('host-1', ofHost)).toBe(409);
  expect(await remove('nobody-here', owner)).toBe(404);
  expect(await remove(personId, ofHost)).toBe(200);
  const eve = await house.enter(webinarId, 'attendee', 'eve-1');
  await ask(eve, 'question-1');
  expect(await remove('eve-1', ofHost)).toBe(200);
  // With what they asked, as by the crew.
  await until(() => host.view?.questions[0]?.status === 'dismissed');
  const client = house.client({ token });
  await expect(client.synced()).rejects.toThrow('removed');
  expect(await remove('host-1', owner)).toBe(200);
  await host.gone();
});
