import { Passwords } from './accounts/passwords.ts';
import { Passcodes } from './passcode.ts';

function opened() {
  const kept = new Map<string, string>();
  let checked = 0;
  const passwords = new Passwords();
  const passcodes = new Passcodes({
    rows: {
      find: async (id) => kept.get(id) ?? null,
      set: async (id, hash) => {
        if (hash === null) kept.delete(id);
        else kept.set(id, hash);
      },
    },
    passwords: {
      hash: (passcode) => passwords.hash(passcode),
      verify: (hash, passcode) => {
        checked += 1;
        return passwords.verify(hash, passcode);
      },
    },
    nowUnixMs: () => 1,
  });
  return { kept, passcodes, checked: () => checked };
}
const refusal = { code: 'unauthenticated', field: 'passcode' };

test('who knows it comes in, and nobody else does; what is kept is no passcode', async () => {
  const { passcodes, kept } = opened();
  await passcodes.set('one', 'open sesame');
  await passcodes.admit('one', 'open sesame');
  await expect(passcodes.admit('one', 'open barley')).rejects.toMatchObject(refusal);
  await expect(passcodes.admit('one', undefined)).rejects.toMatchObject(refusal);
  expect(kept.get('one')).toMatch(/^\$argon2id\$/);
  expect(kept.get('one')).not.toContain('sesame');
});

test('while none is set nobody comes in', async () => {
  const { passcodes } = opened();
  await expect(passcodes.admit('one', 'anything')).rejects.toMatchObject(refusal);
  await passcodes.set('one', 'open sesame');
  expect(await passcodes.isSet('one')).toBe(true);
  await passcodes.set('one', null);
  expect(await passcodes.isSet('one')).toBe(false);
  await expect(passcodes.admit('one', 'open sesame')).rejects.toMatchObject(refusal);
});

test('that it was right once is remembered until it is another, and of that webinar alone', async () => {
  const { passcodes, checked } = opened();
  await passcodes.set('one', 'open sesame');
  for (let i = 0; i < 5; i += 1) await passcodes.admit('one', 'open sesame');
  expect(checked()).toBe(1);
  await expect(passcodes.admit('other', 'open sesame')).rejects.toMatchObject(refusal);
  await passcodes.set('one', 'another one');
  await expect(passcodes.admit('one', 'open sesame')).rejects.toMatchObject(refusal);
  await passcodes.admit('one', 'another one');
});
