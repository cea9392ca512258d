import { ChannelRounds } from './channel-rounds.ts';

const open: ChannelRounds[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function rounds(
  work: (channelId: string, signal: AbortSignal) => Promise<'done' | 'not-yet'>,
  failed: (channelId: string, error: unknown) => void = () => undefined,
): ChannelRounds {
  const made = new ChannelRounds({ work, failed, lookIntervalMs: 5 });
  open.push(made);
  return made;
}
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

test('channels are worked on one after the other, those that failed or whose time had not come again', async () => {
  const said: string[] = [];
  const troubles: unknown[] = [];
  let at: string | null = null;
  const made = rounds(
    async (channelId) => {
      expect(at).toBeNull();
      at = channelId;
      await new Promise((resolve) => setTimeout(resolve, 1));
      at = null;
      said.push(channelId);
      const times = said.filter((one) => one === channelId).length;
      if (channelId === 'broken' && times === 1) throw new Error('away');
      return channelId === 'early' && times < 3 ? 'not-yet' : 'done';
    },
    (channelId, error) => troubles.push([channelId, String(error)]),
  );
  for (const one of ['early', 'broken', 'easy', 'easy']) made.want(one);
  expect(made.waits('easy')).toBe(true);
  await until(() => ['early', 'broken', 'easy'].every((one) => !made.waits(one)));
  expect(said.toSorted()).toEqual(['broken', 'broken', 'early', 'early', 'early', 'easy']);
  expect(troubles).toEqual([['broken', 'Error: away']]);
});

test('what is wanted while it is worked on is worked on again', async () => {
  let times = 0;
  const made = rounds(async (channelId) => {
    times += 1;
    if (times === 1) made.want(channelId);
    return 'done';
  });
  made.want('show');
  await until(() => !made.waits('show'));
  expect(times).toBe(2);
});

test('what is forgotten stops, and nothing is done or told of it afterwards', async () => {
  const said: string[] = [];
  const troubles: unknown[] = [];
  const made = rounds(
    (channelId, signal) => {
      said.push(channelId);
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }),
      );
    },
    (...trouble) => troubles.push(trouble),
  );
  made.want('show');
  made.want('other');
  await until(() => said.length === 1);
  await made.forget('other');
  await made.forget('show');
  expect([made.waits('show'), made.waits('other')]).toEqual([false, false]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([said, troubles]).toEqual([['show'], []]);
});
