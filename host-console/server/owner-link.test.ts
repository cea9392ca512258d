import { OwnerLink } from './owner-link.ts';

const DAY_MS = 24 * 3_600_000;

function link() {
  const world = { generation: 0, nowUnixMs: 1_800_000_000_000, made: 0, broken: false, wanted: true };
  const ownerLink = new OwnerLink({
    generation: async () => {
      if (world.broken) throw new Error('no database');
      return world.generation;
    },
    wanted: async () => world.wanted,
    make: async () => {
      world.made += 1;
      return `link ${world.made}`;
    },
    nowUnixMs: () => world.nowUnixMs,
  });
  return { world, ownerLink };
}

describe('the owner’s link that is told', () => {
  test('is made once, and anew when all were revoked, whoever did it', async () => {
    const { world, ownerLink } = link();
    expect([await ownerLink.look(), await ownerLink.look()]).toEqual([{ url: 'link 1' }, 'same']);
    world.generation = 1;
    expect(await Promise.all([ownerLink.look(), ownerLink.look()])).toEqual([{ url: 'link 2' }, 'same']);
  });

  test('is renewed long before it expires', async () => {
    const { world, ownerLink } = link();
    await ownerLink.look();
    world.nowUnixMs += 29 * DAY_MS;
    expect(await ownerLink.look()).toBe('same');
    world.nowUnixMs += 2 * DAY_MS;
    expect(await ownerLink.look()).toEqual({ url: 'link 2' });
  });

  test('is looked at again after a look that failed', async () => {
    const { world, ownerLink } = link();
    await ownerLink.look();
    world.broken = true;
    world.generation = 1;
    await expect(ownerLink.look()).rejects.toThrow('no database');
    world.broken = false;
    expect(await ownerLink.look()).toEqual({ url: 'link 2' });
  });

  test('is none once there is not to be one, which is told once; and one again where there is', async () => {
    const { world, ownerLink } = link();
    await ownerLink.look();
    world.wanted = false;
    world.generation = 1;
    expect([await ownerLink.look(), await ownerLink.look()]).toEqual([{ url: null }, 'same']);
    world.wanted = true;
    expect(await ownerLink.look()).toEqual({ url: 'link 2' });
  });
});
