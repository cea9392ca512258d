import { hashSync } from '@node-rs/argon2';
import { Passwords } from './passwords.ts';

describe('a password', () => {
  test('is right or wrong, however its characters were composed, and never kept', async () => {
    const passwords = new Passwords();
    const kept = await passwords.hash('Zürich liegt am See');
    expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.verify(kept, 'Zu\u0308rich liegt am See')).toBe(true);
    expect(await passwords.verify(kept, 'Zürich liegt am Meer')).toBe(false);
    expect(await passwords.hash('Zürich liegt am See')).not.toBe(kept);
  });

  test('of nobody is never right, and is checked all the same', async () => {
    const passwords = new Passwords();
    expect(await passwords.verify(null, 'of nobody, and never the right one')).toBe(false);
  });

  test('whose hash was made with other numbers is good, and known to be old', async () => {
    const passwords = new Passwords();
    const old = hashSync('correct horse battery', { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    expect(await passwords.verify(old, 'correct horse battery')).toBe(true);
    expect([passwords.isOld(old), passwords.isOld(await passwords.hash('x'))]).toEqual([true, false]);
  });

  test('is checked while the event loop goes on, and too many at once are refused instead of piling up', async () => {
    const passwords = new Passwords();
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 1);
    const answers = await Promise.allSettled(
      Array.from({ length: 80 }, () => passwords.verify(null, 'anything')),
    );
    clearInterval(counting);
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ reason: { code: 'unavailable' } });
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(60);
    expect(turns).toBeGreaterThan(3);
    // Those that come later are served again.
    expect(await passwords.verify(null, 'anything')).toBe(false);
  });
});
