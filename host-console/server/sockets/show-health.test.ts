import type { Clock } from '../ports.ts';
import { type House, openHouse, until } from '../testing/house.ts';

/** What the crew is told of a show in trouble, and what becomes of one that nobody attends. */
let house: House;
afterEach(() => house.close());

const hurry = (): Clock & { skipMs: number } => ({
  skipMs: 0,
  nowUnixMs() {
    return Date.now() + this.skipMs;
  },
  nowMs() {
    return performance.now() + this.skipMs;
  },
});

describe('the health of a show', () => {
  test('is told to the crew on connecting and at each change, and to nobody else', async () => {
    house = await openHouse();
    const webinarId = await house.webinar();
    const [host, panelist, attendee] = await Promise.all([
      house.enter(webinarId, 'host'),
      house.enter(webinarId, 'panelist'),
      house.enter(webinarId, 'attendee'),
    ]);
    await until(() => host.health);
    expect(host.health).toEqual({ ...house.mediaPlane.healthNow, unattended: null });
    house.mediaPlane.healthNow = { ...house.mediaPlane.healthNow, shed: ['720p'] };
    await until(() => host.health?.shed.includes('720p'));
    const moderator = await house.enter(webinarId, 'moderator');
    await until(() => moderator.health?.shed.includes('720p'));
    await Promise.all([panelist.code('question:vote', {}), attendee.code('question:vote', {})]);
    expect([panelist.health, attendee.health]).toEqual([null, null]);
  });
});

describe('going live on a slow machine', () => {
  test('is answered with what is true, and happens when the channel stands', async () => {
    house = await openHouse({ goLiveAnswerMs: 50 });
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host');
    let started = (): void => undefined;
    house.mediaPlane.starting = new Promise((resolve) => {
      started = resolve;
    });
    expect(await host.code('webinar:goLive', {})).toBe('pending');
    expect(host.view?.phase.phase).toBe('scheduled');
    started();
    await until(() => host.view?.phase.phase === 'live');
    expect(house.mediaPlane.of('withdrawChannel')).toEqual([]);
  });

  test('a channel the log does not take is withdrawn', async () => {
    house = await openHouse();
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host');
    house.store.events.append = async () => {
      throw new Error('the disk is gone');
    };
    expect(await host.code('webinar:goLive', {})).not.toBe('ok');
    expect(house.mediaPlane.of('withdrawChannel')).toEqual([[webinarId]]);
  });
});

describe('a live webinar that nobody attends', () => {
  const MINUTE = 60_000;

  test('is shown on the dashboard, and ends by the rule as if its host had ended it', async () => {
    const clock = hurry();
    house = await openHouse({ clock, abandonedEndMs: 30 * MINUTE });
    const webinarId = await house.webinar();
    house.mediaPlane.staged = [];
    const host = await house.enter(webinarId, 'host');
    await host.must('webinar:goLive', {});
    const viewer = await house.enter(webinarId, 'attendee');
    host.socket.disconnect();
    const owner = {
      linkId: 'owner-link',
      generation: 0,
      webinarId: '*',
      personId: 'owner',
      role: 'owner',
      name: 'Owner',
    } as const;
    const summary = async () => (await house.coordinator.service.list(owner)).webinars[0];
    expect(await summary()).toMatchObject({ phase: 'live', unattended: null });
    await new Promise((resolve) => setTimeout(resolve, 1200)); // one look of the coordinator, without them
    clock.skipMs += 12 * MINUTE;
    const unattended = (await summary())?.unattended;
    expect(unattended?.endsUnixMs).toBe((unattended?.sinceUnixMs ?? 0) + 30 * MINUTE);
    clock.skipMs += 18 * MINUTE;
    await until(() => viewer.view?.phase.phase === 'ended');
    expect(house.mediaPlane.of('observe').map(([event]) => event)).toContain('webinar.ended');
    expect(await summary()).toMatchObject({ phase: 'ended', unattended: null });
  });

  test('asks who comes back, until they say that it goes on', async () => {
    const clock = hurry();
    house = await openHouse({ clock, abandonedEndMs: 30 * MINUTE });
    const webinarId = await house.webinar();
    house.mediaPlane.staged = [];
    const first = await house.enter(webinarId, 'host');
    await first.must('webinar:goLive', {});
    first.socket.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    clock.skipMs += 12 * MINUTE;
    const host = await house.enter(webinarId, 'host');
    await until(() => host.health?.unattended);
    expect(Math.round((host.health?.unattended?.forMs ?? 0) / MINUTE)).toBe(12);
    await host.must('webinar:keepLive', {});
    await until(() => host.health?.unattended === null);
    expect(host.view?.phase.phase).toBe('live');
  });

  test('is attended while somebody is on the stage', async () => {
    const clock = hurry();
    house = await openHouse({ clock, abandonedEndMs: 30 * MINUTE });
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host');
    await host.must('webinar:goLive', {});
    const viewer = await house.enter(webinarId, 'attendee');
    host.socket.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    clock.skipMs += 40 * MINUTE;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(viewer.view?.phase.phase).toBe('live');
  });
});
