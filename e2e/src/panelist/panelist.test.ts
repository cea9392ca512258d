import { startTestCoordinator, type TestCoordinator } from '@rostrum/panel-sfu/testing-coordinator';
import type { PanelistMedia } from './media.ts';
import { joinHeadless, type Trouble } from './panelist.ts';

/** Nothing to send: nobody gets as far here. */
const MEDIA: PanelistMedia = {
  layers: [],
  start: async () => ({ keyFrameWanted: () => undefined, stop: async () => undefined }),
};

let coordinator: TestCoordinator;

beforeEach(async () => {
  coordinator = await startTestCoordinator({});
});

afterEach(() => coordinator.close());

test('without a media server it is tried again, later each time, and each failure is told; giving up ends it', async () => {
  const troubles: Trouble[] = [];
  const enough = new AbortController();
  const joining = joinHeadless({
    coordinatorUrl: coordinator.url,
    token: 'ada-without-browser',
    media: MEDIA,
    signal: enough.signal,
    onTrouble(trouble) {
      troubles.push(trouble);
      if (troubles.length === 4) enough.abort(new Error('enough'));
    },
  });
  await expect(joining).rejects.toThrow('enough');
  expect(troubles.map(({ what, code }) => [what, code])).toEqual(
    new Array(4).fill(['could-not-join', 'no-sfu']),
  );
  for (const [i, { retryInMs }] of troubles.entries()) {
    expect(retryInMs).toBeGreaterThanOrEqual(100 * 2 ** i);
    expect(retryInMs).toBeLessThanOrEqual(200 * 2 ** i);
  }
});

test('it may be given up before a coordinator was ever there', async () => {
  const joining = joinHeadless({
    coordinatorUrl: 'http://127.0.0.1:9',
    token: 'ada-without-browser',
    media: MEDIA,
    signal: AbortSignal.timeout(100),
  });
  await expect(joining).rejects.toThrow(/timeout/i);
});
