import type { Page } from 'playwright-core';
import { startTestStage, type TestStage, until as untilWithin } from './testing-stage.ts';

/** Chromium connects to a real worker before it joins: by a section of the description that is for data alone. */
let stage: TestStage;
beforeAll(async () => {
  stage = await startTestStage({ patienceMs: 20_000 });
});
afterAll(() => stage?.close());

const until = <T>(what: string, look: () => Promise<T | null | false>): Promise<T> =>
  untilWithin(what, look, 20_000);

/** The page's peer connections that are not closed. */
interface Connections {
  readonly states: string[];
  /** RTP streams, either way. */
  readonly streams: number;
}
async function connections(page: Page): Promise<Connections> {
  const reports = (await page.evaluate('probe.reports()')) as { type: string }[];
  return {
    states: await page.evaluate('probe.connectionStates()'),
    streams: reports.filter(({ type }) => type === 'inbound-rtp' || type === 'outbound-rtp').length,
  };
}

const prepared = async (page: Page): Promise<void> => {
  await page.evaluate('probe.prepare()');
  await until('both transports stand', async () => {
    const { states } = await connections(page);
    return states.length === 2 && states.every((state) => state === 'connected');
  });
};

const sees = (page: Page, who: string): Promise<unknown> =>
  until(`${who} is seen`, () => page.evaluate(`probe.picture('${who}', 'camera')`));

test('somebody connects before they join, sends and gets nothing, and then joins over that', async () => {
  const ada = await stage.visit('ada1', 'red');
  await ada.evaluate('probe.join()');
  await until('ada sends', async () => stage.coordinator.producers.size === 2);
  const bob = await stage.visit('bob1', 'blue');
  await prepared(bob);
  expect((await connections(bob)).streams).toBe(0);
  expect([...stage.coordinator.producers.values()].some(({ personId }) => personId === 'bob1')).toBe(false);
  expect(stage.service.rooms.counts()).toMatchObject({ transports: 4, producers: 2 });

  await bob.evaluate(`probe.show('ada1', 'camera', 360)`);
  expect(await bob.evaluate('probe.join()')).toEqual({ ok: true, value: null });
  await ada.evaluate(`probe.show('bob1', 'camera', 360)`);
  await Promise.all([sees(bob, 'ada1'), sees(ada, 'bob1')]);
  expect((await connections(bob)).states).toEqual(['connected', 'connected']);
  expect(stage.service.rooms.counts()).toMatchObject({ transports: 4, producers: 4 });
  await Promise.all([ada, bob].map((page) => page.evaluate('probe.leave()')));
  await Promise.all([ada.close(), bob.close()]);
});

test('what the server gave up meanwhile is made anew by the join', async () => {
  const ada = await stage.visit('ada2', 'red');
  await prepared(ada);
  await stage.coordinator.ask('person.close', { roomId: 'test-room', personId: 'ada2' });
  await until('it is seen', async () => (await connections(ada)).states.length === 0);
  expect(await ada.evaluate('probe.join()')).toEqual({ ok: true, value: null });
  const bob = await stage.visit('bob2', 'blue');
  await bob.evaluate(`probe.show('ada2', 'camera', 360)`);
  await bob.evaluate('probe.join()');
  await sees(bob, 'ada2');
  await Promise.all([ada.close(), bob.close()]);
});
