import { startTestNode } from './testing.ts';

test('rooms spread over workers; a worker that dies takes only its rooms, says so and is replaced', async () => {
  const node = await startTestNode({ workers: 2 });
  try {
    for (const roomId of ['room-a', 'room-b', 'room-c', 'room-d']) await node.ask('room.open', { roomId });
    expect(node.pool.alive().map((slot) => slot.rooms)).toEqual([2, 2]);
    const [victim, other] = node.pool.alive();
    if (!victim || !other) throw new Error('two workers expected');
    process.kill(victim.worker.pid, 'SIGKILL');
    const lost = [await node.notice('room.lost'), await node.notice('room.lost')].map((n) => n.roomId);
    expect(node.rooms.ids).toHaveLength(2);
    expect(node.rooms.ids).not.toEqual(expect.arrayContaining(lost));
    expect(
      await node.refusal('transport.create', { roomId: lost[0] ?? '', personId: 'ada0', direction: 'send' }),
    ).toBe('not-found');
    await node.ask('room.open', { roomId: lost[0] ?? '' }); // at once, on the one that lives
    while (node.pool.alive().length < 2) await new Promise((wake) => setTimeout(wake, 20));
    await node.ask('room.open', { roomId: lost[1] ?? '' });
    expect(node.pool.deaths()).toBe(1);
    expect(node.rooms.counts().rooms).toBe(4);
    expect(other.worker.closed).toBe(false);
  } finally {
    await node.close();
  }
});

test('[R6] a worker that is stopped is noticed, killed and replaced within two seconds; rooms on another are untouched, and new ones go there', async () => {
  const node = await startTestNode({ workers: 2 });
  const until = async (met: () => boolean): Promise<void> => {
    while (!met()) await new Promise((wake) => setTimeout(wake, 20));
  };
  try {
    for (const roomId of ['room-a', 'room-b']) await node.ask('room.open', { roomId });
    const [victim, other] = node.pool.alive();
    if (!victim || !other) throw new Error('two workers expected');
    process.kill(victim.worker.pid, 'SIGSTOP');
    await until(() => victim.watch.suspect());
    await node.ask('room.open', { roomId: 'room-c' });
    expect([victim.rooms, other.rooms]).toEqual([1, 2]);
    const { roomId } = await node.notice('room.lost');
    expect(victim.worker.closed).toBe(true);
    expect(node.rooms.ids.toSorted()).toEqual(['room-a', 'room-b', 'room-c'].filter((id) => id !== roomId));
    await node.ask('room.open', { roomId });
    await until(() => node.pool.alive().length === 2);
    expect(other.worker.closed).toBe(false);
    expect(node.pool.deaths()).toBe(1);
  } finally {
    await node.close();
  }
});

test('[R6] a node ends though a worker is stopped', async () => {
  const node = await startTestNode({ workers: 1 });
  const [slot] = node.pool.alive();
  if (!slot) throw new Error('a worker expected');
  process.kill(slot.worker.pid, 'SIGSTOP');
  await node.close();
  expect(() => process.kill(slot.worker.pid, 0)).toThrow('ESRCH');
});
