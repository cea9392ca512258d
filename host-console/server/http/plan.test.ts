import { EMPTY_PLAN, type PlannedWebinar, type WebinarSummary } from '@rostrum/contracts';
import { type House, openHouse, tokenOf, until } from '../testing/house.ts';

let house: House;
let owner: string;
beforeEach(async () => {
  house = await openHouse();
  owner = new URL(await house.coordinator.service.ownerUrl()).hash.slice('#t='.length);
});
afterEach(() => house.close());

const ask = async <T>(method: string, path: string, body?: unknown, token: string | null = owner) => {
  const response = await fetch(`${house.url}/api/webinars${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const told = (await response.json()) as T & { error?: { code: string; field?: string } };
  return { status: response.status, told };
};
const patch = (webinarId: string, body: unknown, token = owner) =>
  ask<PlannedWebinar>('PATCH', `/${webinarId}/plan`, body, token);
const START = { local: '2027-03-28T19:00', zone: 'Europe/Berlin' };

test('a plan is edited field by field, and what is seen of the webinar follows', async () => {
  const webinarId = await house.webinar('Before');
  const watcher = await house.enter(webinarId, 'panelist');
  const first = await ask<PlannedWebinar>('GET', `/${webinarId}/plan`);
  expect(first.told).toMatchObject({ title: 'Before', plan: EMPTY_PLAN, startsAtUnixMs: null, revision: 2 });

  await patch(webinarId, { title: 'After', fields: { start: START, text: 'One\nTwo' } });
  const { told } = await patch(webinarId, {
    profile: 'fast',
    moderation: 'moderated',
    tracks: true,
    fields: { lengthMinutes: 90, branding: { accent: '#aa0000' } },
  });
  const startsAtUnixMs = Date.UTC(2027, 2, 28, 17);
  const plan = {
    ...EMPTY_PLAN,
    ...{ start: START, text: 'One\nTwo', lengthMinutes: 90 },
    branding: { ...EMPTY_PLAN.branding, accent: '#aa0000' },
  };
  expect(told).toMatchObject({ title: 'After', profile: 'fast', moderation: 'moderated', tracks: true });
  expect(told).toMatchObject({ plan, startsAtUnixMs });
  const summary = await ask<WebinarSummary>('GET', `/${webinarId}`);
  expect(summary.told).toMatchObject({ title: 'After', profile: 'fast', startsAtUnixMs, lengthMinutes: 90 });
  await until(() => watcher.view?.plan.lengthMinutes === 90);
  expect(watcher.view).toMatchObject({ title: 'After', startsAtUnixMs, scene: { title: 'After' } });
  const seen = await ask('GET', `/${webinarId}/public`, undefined, null);
  expect(seen.told).toMatchObject({ title: 'After', plan: { text: 'One\nTwo', start: START } });
  expect(seen.told).not.toHaveProperty('plan.capacity');
});

test('two who edit different fields both keep theirs, and of one field the later is told of the earlier', async () => {
  const webinarId = await house.webinar();
  const { revision } = (await ask<PlannedWebinar>('GET', `/${webinarId}/plan`)).told;
  await patch(webinarId, { revision, fields: { text: 'Ann’s', branding: { accent: '#111111' } } });
  const other = await patch(webinarId, { revision, fields: { branding: { holdingText: 'Ben’s' } } });
  expect(other.told.plan).toMatchObject({
    text: 'Ann’s',
    branding: { accent: '#111111', holdingText: 'Ben’s' },
  });
  const late = await patch(webinarId, { revision, title: 'Ben’s', fields: { text: 'Ben’s' } });
  expect([late.status, late.told.error]).toEqual([
    409,
    expect.objectContaining({ code: 'conflict', field: 'text' }),
  ]);
  expect((await ask<PlannedWebinar>('GET', `/${webinarId}/plan`)).told.title).toBe('A webinar');
  // The same word twice is no conflict.
  expect((await patch(webinarId, { revision, fields: { text: 'Ann’s' } })).status).toBe(200);
  expect((await patch(webinarId, { fields: { text: 'Ben’s' } })).told.plan.text).toBe('Ben’s');
});

test('what is no plan is refused, with the field, and nothing of it is taken', async () => {
  const webinarId = await house.webinar();
  const refused = async (body: unknown): Promise<string | undefined> => {
    const { status, told } = await patch(webinarId, body);
    expect(status).toBe(400);
    return told.error?.field;
  };
  expect(await refused({ title: '' })).toBe('title');
  expect(await refused({ fields: { start: { local: '2027-02-29T10:00', zone: 'Europe/Berlin' } } })).toBe(
    'fields.start.local',
  );
  expect(await refused({ title: 'T', fields: { start: { ...START, zone: 'Europe/Nowhere' } } })).toBe(
    'fields.start.zone',
  );
  expect(await refused({ fields: { capacity: 0 } })).toBe('fields.capacity');
  expect(await refused({ fields: { branding: { accent: 'red; x' } } })).toBe('fields.branding.accent');
  const questions = ['One', 'Two'].map((text) => ({
    kind: 'text',
    questionId: 'question-1',
    text,
    required: true,
  }));
  expect(await refused({ fields: { registrationQuestions: questions } })).toBe(
    'fields.registrationQuestions',
  );
  expect((await ask<PlannedWebinar>('GET', `/${webinarId}/plan`)).told).toMatchObject({
    ...{ title: 'A webinar', plan: EMPTY_PLAN, revision: 1 },
  });
});

test('a draft is there for its crew alone, until it is published or live', async () => {
  const created = await ask<WebinarSummary>('POST', '', {
    title: 'Secret',
    plan: { visibility: 'draft', start: START },
  });
  expect(created.told).toMatchObject({ visibility: 'draft', startsAtUnixMs: Date.UTC(2027, 2, 28, 17) });
  const { webinarId } = created.told;
  expect((await ask('GET', `/${webinarId}/public`, undefined, null)).status).toBe(404);
  expect((await ask('POST', `/${webinarId}/attendees`, {}, null)).status).toBe(404);
  const host = await house.enter(webinarId, 'host');
  const attendee = house.client({ token: await tokenOf(webinarId, 'attendee', 'person-1') });
  await expect(attendee.synced()).rejects.toThrow('webinar-unknown');
  await host.must('webinar:goLive', {});
  expect((await ask('GET', `/${webinarId}/public`, undefined, null)).status).toBe(200);
  const { told } = await ask<PlannedWebinar>('GET', `/${webinarId}/plan`);
  expect(told).toMatchObject({ plan: { visibility: 'published' }, phase: 'live' });
});

test('once it is live its start and its profile stay, and once it has ended everything does', async () => {
  const webinarId = await house.webinar();
  const host = await house.enter(webinarId, 'host');
  await host.must('webinar:goLive', {});
  const codeOf = async (body: unknown) => (await patch(webinarId, body)).told.error;
  expect(await codeOf({ profile: 'scale' })).toMatchObject({ code: 'conflict', field: 'profile' });
  expect(await codeOf({ fields: { start: START } })).toMatchObject({ code: 'conflict', field: 'start' });
  expect(await codeOf({ title: 'Live', fields: { text: 'Live' } })).toBeUndefined();
  await host.must('webinar:end', {});
  expect(await codeOf({ title: 'Over' })).toMatchObject({ code: 'conflict' });
});

test('each change of the consent’s text is another version of it, which those who are asked answer', async () => {
  const webinarId = await house.webinar();
  const panelist = await house.enter(webinarId, 'panelist');
  expect(panelist.view?.consentVersion).toBeUndefined();
  const versions: (number | undefined)[] = [];
  for (const consentText of ['We keep it for a year.', 'We keep it for two years.', null]) {
    await patch(webinarId, { fields: { consentText } });
    await until(() => panelist.view?.plan.consentText === consentText);
    versions.push(panelist.view?.consentVersion);
  }
  expect(versions).toEqual([expect.any(Number), expect.any(Number), undefined]);
  expect(versions[1]).toBeGreaterThan(versions[0] ?? 0);
});
