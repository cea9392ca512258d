import type { PlannedWebinar, WebinarSummary } from '@rostrum/contracts';
import { type House, openHouse } from '../testing/house.ts';

let house: House;
let owner: string;
beforeEach(async () => {
  house = await openHouse();
  owner = new URL(await house.coordinator.service.ownerUrl()).hash.slice('#t='.length);
});
afterEach(() => house.close());

const ask = async <T>(method: string, path: string, body?: unknown) => {
  const response = await fetch(`${house.url}/api/webinars${path}`, {
    method,
    headers: {
      authorization: `Bearer ${owner}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, told: (await response.json()) as T };
};
const START = { local: '2027-03-21T19:00', zone: 'Europe/Berlin' };
const planOf = async (id: string) => (await ask<PlannedWebinar>('GET', `/${id}/plan`)).told;
async function weekly(): Promise<string[]> {
  const { told } = await ask<WebinarSummary>('POST', '', {
    title: 'Weekly',
    plan: { start: START, text: 'Each week', lengthMinutes: 30 },
  });
  await ask('PATCH', `/${told.webinarId}/plan`, { moderation: 'moderated' });
  const repeated = await ask<{ webinarIds: string[] }>('POST', `/${told.webinarId}/series`, {
    ...{ every: 'week', count: 3 },
  });
  expect(repeated.status).toBe(201);
  return repeated.told.webinarIds;
}

test('a series makes its webinars ahead, each its own, at the same time on the wall when clocks are moved', async () => {
  const ids = await weekly();
  const plans = await Promise.all(ids.map(planOf));
  expect(plans.map(({ plan }) => plan.start?.local)).toEqual([
    '2027-03-21T19:00',
    '2027-03-28T19:00',
    '2027-04-04T19:00',
  ]);
  expect(plans.map(({ startsAtUnixMs }) => new Date(startsAtUnixMs ?? 0).getUTCHours())).toEqual([
    18, 17, 17,
  ]);
  for (const planned of plans) {
    expect(planned).toMatchObject({ title: 'Weekly', moderation: 'moderated', plan: { text: 'Each week' } });
  }
  // Asked again, as after an answer that was lost, there are no more of them.
  const again = await ask<{ webinarIds: string[] }>('POST', `/${ids[0]}/series`, { every: 'week', count: 3 });
  expect(again.told.webinarIds).toEqual(ids);
  expect((await ask<{ webinars: unknown[] }>('GET', '')).told.webinars).toHaveLength(3);
  expect((await ask('POST', `/${ids[0]}/series`, { every: 'day', count: 2 })).status).toBe(409);
  expect((await ask('POST', `/${ids[1]}/series`, { every: 'week', count: 3 })).status).toBe(409);
});

test('one of a series is changed alone, or with those after it, which move as it moves', async () => {
  const ids = await weekly();
  await ask('PATCH', `/${ids[0]}/plan`, { title: 'The first' });
  await ask('PATCH', `/${ids[1]}/series`, {
    title: 'Later',
    fields: { start: { local: '2027-03-29T18:30', zone: 'Europe/Berlin' }, lengthMinutes: 45 },
  });
  const plans = await Promise.all(ids.map(planOf));
  expect(plans.map(({ title, plan }) => [title, plan.start?.local, plan.lengthMinutes])).toEqual([
    ['The first', '2027-03-21T19:00', 30],
    ['Later', '2027-03-29T18:30', 45],
    ['Later', '2027-04-05T18:30', 45],
  ]);
});

test('one of a series is cancelled alone, or with those after it', async () => {
  const ids = await weekly();
  expect((await ask<{ webinarIds: string[] }>('DELETE', `/${ids[1]}/series`)).told.webinarIds).toEqual(
    ids.slice(1),
  );
  const { told } = await ask<{ webinars: WebinarSummary[] }>('GET', '');
  expect(told.webinars.map(({ webinarId }) => webinarId)).toEqual([ids[0]]);
});

test('a duplicate is a draft with all but the time, and of no series', async () => {
  const [first] = await weekly();
  const { status, told } = await ask<WebinarSummary>('POST', `/${first}/duplicate`);
  expect([status, told.visibility, told.startsAtUnixMs]).toEqual([201, 'draft', null]);
  expect(await planOf(told.webinarId)).toMatchObject({
    ...{ title: 'Weekly', moderation: 'moderated' },
    plan: { text: 'Each week', lengthMinutes: 30, start: null, series: null, visibility: 'draft' },
  });
});

test('without a start nothing comes again', async () => {
  const webinarId = await house.webinar();
  const { status, told } = await ask<{ error: unknown }>('POST', `/${webinarId}/series`, {
    ...{ every: 'week', count: 3 },
  });
  expect([status, told.error]).toEqual([400, expect.objectContaining({ field: 'start' })]);
});
