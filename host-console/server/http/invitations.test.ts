import type { SpeakerInvitation } from '@rostrum/contracts';
import { type House, openHouse, tokenOf } from '../testing/house.ts';

let house: House;
let owner: string;
beforeEach(async () => {
  house = await openHouse();
  owner = new URL(await house.coordinator.service.ownerUrl()).hash.slice('#t='.length);
});
afterEach(() => house.close());

const ask = async <T>(method: string, path: string, body?: unknown, token = owner) => {
  const response = await fetch(`${house.url}/api/webinars/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, told: (await response.json()) as T };
};
const invite = (webinarId: string, name: string, role: 'panelist' | 'moderator' = 'panelist') =>
  ask<SpeakerInvitation>('POST', `${webinarId}/invitations`, {
    ...{ role, name, address: `${name.toLowerCase()}@example.org`, locale: 'de' },
  });
const mails = () => house.store.mails.list(10, null, ['queued']);

test('who is invited gets a mail with a link that opens, and the calendar entry of its start', async () => {
  const webinarId = await house.webinar('Spring');
  const start = { local: '2027-03-28T19:00', zone: 'Europe/Berlin' };
  await ask('PATCH', `${webinarId}/plan`, { fields: { start, lengthMinutes: 45 } });
  expect((await invite(webinarId, 'Pia')).status).toBe(201);
  await invite(webinarId, 'Mo', 'moderator');
  const kept = await mails();
  expect(kept.map(({ kind, said }) => [kind, said?.to, said?.locale])).toEqual(
    expect.arrayContaining([
      ['panelist-invited', { address: 'pia@example.org', name: 'Pia' }, 'de'],
      ['moderator-invited', { address: 'mo@example.org', name: 'Mo' }, 'de'],
    ]),
  );
  const content = kept.find(({ kind }) => kind === 'panelist-invited')?.said?.content;
  if (content?.kind !== 'panelist-invited') throw new Error('no such mail');
  expect(content.event).toMatchObject({ title: 'Spring', start, lengthMinutes: 45, url: content.url });
  const pia = house.client({ token: new URL(content.url ?? '').hash.slice('#t='.length) });
  await pia.synced();
  expect(pia.view?.self).toMatchObject({ name: 'Pia', role: 'panelist' });
});

test('invitations are listed, and one that is taken back opens nothing and is not mailed any more', async () => {
  const webinarId = await house.webinar();
  const { told } = await invite(webinarId, 'Pia');
  await invite(webinarId, 'Mo', 'moderator');
  const listed = async () =>
    (await ask<{ invitations: SpeakerInvitation[] }>('GET', `${webinarId}/invitations`)).told.invitations;
  expect((await listed()).map(({ name, role, state }) => [name, role, state])).toEqual([
    ['Pia', 'panelist', 'good'],
    ['Mo', 'moderator', 'good'],
  ]);
  expect((await ask('DELETE', `${webinarId}/invitations/${told.linkId}`)).status).toBe(200);
  expect((await listed()).map(({ state }) => state)).toEqual(['revoked', 'good']);
  expect((await mails()).map(({ kind }) => kind)).toEqual(['moderator-invited']);
});

test('only owner and host invite, and only to an address; a refused link leaves no mail', async () => {
  const webinarId = await house.webinar();
  const panelist = await tokenOf(webinarId, 'panelist', 'person-1');
  const body = { role: 'panelist', name: 'Pia', address: 'pia@example.org' };
  expect((await ask('POST', `${webinarId}/invitations`, body, panelist)).status).toBe(403);
  expect(
    (await ask('POST', `${webinarId}/invitations`, { ...body, address: 'a@b\r\nBcc: c@d' })).status,
  ).toBe(400);
  expect((await ask('POST', `${webinarId}/invitations`, { ...body, role: 'host' })).status).toBe(400);
  expect((await ask('POST', 'nowhere/invitations', body)).status).toBe(404);
  expect(await mails()).toEqual([]);
});

test('where nobody of the audience may speak, no hand is raised', async () => {
  const webinarId = await house.webinar();
  await ask('PATCH', `${webinarId}/plan`, { fields: { whoMaySpeak: 'none' } });
  const attendee = await house.enter(webinarId, 'attendee');
  expect(await attendee.code('hand:raise', {})).toBe('forbidden');
  await ask('PATCH', `${webinarId}/plan`, { fields: { whoMaySpeak: 'hands' } });
  expect(await attendee.code('hand:raise', {})).toBe('ok');
});
