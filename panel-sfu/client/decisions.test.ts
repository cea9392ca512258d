import { createLoop } from './loop.ts';
import { pickVideos, tileKey } from './tiles.ts';

describe('which videos are received', () => {
  const cameras = Array.from({ length: 15 }, (_, i) => ({ personId: `p${i}`, source: 'camera' as const }));

  test('those shown come before those hidden, and never more than twelve', () => {
    const tiles = new Map([13, 14].map((i) => [tileKey(`p${i}`, 'camera'), 180]));
    const picked = pickVideos(cameras, tiles).map((v) => v.personId);
    expect(picked.slice(0, 3)).toEqual(['p13', 'p14', 'p0']);
    expect(picked).toHaveLength(12);
  });

  test("a person's screen is not their camera", () => {
    const both = [cameras[0], { personId: 'p0', source: 'screen' as const }].flatMap((v) => v ?? []);
    expect(pickVideos(both, new Map([[tileKey('p0', 'screen'), 720]]), 1)).toEqual([both[1]]);
  });
});

describe('a loop', () => {
  test('works one at a time, once more for any number of kicks meanwhile, and goes on after an error', async () => {
    const gates: (() => void)[] = [];
    const errors: unknown[] = [];
    let runs = 0;
    const kick = createLoop(
      async () => {
        runs += 1;
        await new Promise<void>((open) => gates.push(open));
        if (runs === 2) throw new Error('second');
      },
      (error) => errors.push(error),
    );
    const settle = (): Promise<void> => new Promise((wake) => setTimeout(wake));
    kick();
    kick();
    kick();
    await settle();
    expect(runs).toBe(1);
    gates.shift()?.();
    await settle();
    expect(runs).toBe(2);
    gates.shift()?.();
    await settle();
    expect(errors).toHaveLength(1);
    kick();
    await settle();
    expect(runs).toBe(3);
    gates.shift()?.();
  });
});
