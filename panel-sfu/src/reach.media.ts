import type { Page } from 'playwright-core';
import { startTestStage, type TestStage, until } from './testing-stage.ts';

/** By which ways Chromium's network lets media through to a real worker. */
let stage: TestStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

const reached = (page: Page, way: 'udp' | 'tcp' | 'relay'): Promise<unknown> =>
  page.evaluate(`probe.reach('${way}')`);

test('an open network lets UDP and TCP through, nothing is left of it, and without a TURN server there is no relay', async () => {
  stage = await startTestStage({ patienceMs: 20_000 });
  const ada = await stage.visit('ada1', 'red');
  expect(await reached(ada, 'udp')).toBe('reached');
  expect(await reached(ada, 'tcp')).toBe('reached');
  expect(await reached(ada, 'relay')).toBe('none');
  const { rooms } = stage.service;
  await until('the node has none of it', async () => rooms.counts().transports === 0, 10_000);
  // And she may come on the stage as if she had not tried.
  expect(await ada.evaluate('probe.join()')).toEqual({ ok: true, value: null });
});

test('a node that is announced where nobody reaches it is blocked', async () => {
  stage = await startTestStage({ patienceMs: 20_000, node: { announcedIp: '192.0.2.1' } });
  const ada = await stage.visit('ada1', 'red');
  expect(await reached(ada, 'udp')).toBe('blocked');
});
