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
