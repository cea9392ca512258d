import type { Mail } from '../mail/mail.ts';
import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import type { Store } from './index.ts';

const mailOf = (key: string, more: Partial<Mail> = {}): Mail => ({
  key,
  to: { address: 'ada@example.test', name: 'Ada\u0000 "L" Ünïcode 💌' },
  locale: 'de',
  webinarId: null,
  dueUnixMs: 1_800_000_000_000,
  content: { kind: 'password-reset', url: 'https://console.test/reset#token', validMinutes: 30 },
  ...more,
});

describe.each(['sqlite', 'postgres'] as const)('the outbox on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let store: Store;

  beforeEach(async () => {
    place = placeOfTest();
    store = await place.open();
  });
  afterEach(async () => {
    await store.close();
  });

  const add = (...mails: Mail[]) => store.database.transact((tx) => store.mails.addAll(tx, mails));
  const withdraw = (prefix: string) => store.database.transact((tx) => store.mails.withdraw(tx, prefix));
  const thereOf = async (keys: readonly string[]) => {
    const found = await Promise.all(keys.map((key) => store.mails.find(key)));
    return keys.filter((_key, i) => found[i] !== null);
  };

  test('keeps a mail as it was given, over a restart', async () => {
    const mail = mailOf('password-reset:1');
    await add(mail);
    await store.close();
    store = await place.open();
    const { to, locale, content, ...rest } = mail;
    expect(await store.mails.find(mail.key)).toEqual({
      ...rest,
      kind: 'password-reset',
      state: 'queued',
      nextUnixMs: mail.dueUnixMs,
      attempts: 0,
      settledUnixMs: null,
      outcome: null,
      said: { to, locale, content },
    });
  });

  test('leaves a second mail of the same key out, in the same statement, transaction and later', async () => {
    const first = mailOf('one');
    const second = mailOf('one', { locale: 'en' });
    await add(first, second);
    await store.database.transact(async (tx) => {
      await store.mails.add(tx, second);
      await store.mails.add(tx, mailOf('two'));
    });
    expect((await store.mails.find('one'))?.said?.locale).toBe('de');
    expect(await store.mails.find('two')).not.toBeNull();
  });

  test('has nothing of what a transaction that failed put into it', async () => {
    const failed = store.database.transact(async (tx) => {
      await store.mails.add(tx, mailOf('one'));
      throw new Error('what caused it did not happen');
    });
    await expect(failed).rejects.toMatchObject({ code: 'unavailable' });
    expect(await store.mails.find('one')).toBeNull();
  });

  test('takes a change that is told to thousands', async () => {
    const keys = Array.from({ length: 3000 }, (_, i) => `changed:${i}`);
    await add(...keys.map((key) => mailOf(key)));
    expect(await thereOf([keys[0] ?? '', keys[499] ?? '', keys[500] ?? '', keys[2999] ?? ''])).toHaveLength(
      4,
    );
    await withdraw('changed:');
    expect(await thereOf(keys.slice(0, 5))).toEqual([]);
  });

  test('takes back exactly those whose keys begin so, whatever a language makes of their order', async () => {
    const keys = [
      'r:a',
      'r:a:',
      'r:a:1',
      'r:a:Z',
      'r:a:ä',
      'r:a:\u{10ffff}',
      'r:a;',
      'r:A:1',
      'r:a-:1',
      'r:aa:1',
      'R:a:1',
      'r:b',
    ];
    await add(...keys.map((key) => mailOf(key)));
    await withdraw('r:a:');
    expect(await thereOf(keys)).toEqual(['r:a', 'r:a;', 'r:A:1', 'r:a-:1', 'r:aa:1', 'R:a:1', 'r:b']);
    await withdraw('ä');
    await expect(withdraw('')).rejects.toThrow();
    expect(await thereOf(keys)).toHaveLength(7);
  });

  test('takes back and is given anew what is to come at another time', async () => {
    await add(mailOf('reminder:w:1'));
    await store.database.transact(async (tx) => {
      await store.mails.withdraw(tx, 'reminder:w:');
      await store.mails.add(tx, mailOf('reminder:w:1', { dueUnixMs: 1_900_000_000_000 }));
    });
    expect((await store.mails.find('reminder:w:1'))?.dueUnixMs).toBe(1_900_000_000_000);
  });

  test.each(['sending', 'sent', 'bounced', 'doubtful', 'filed'] as const)(
    'takes nothing back that is %s',
    async (state) => {
      await add(mailOf('one'));
      await store.database.transact(async (tx) => {
        await tx.updateTable('mails').set({ state }).execute();
      });
      await withdraw('one');
      await add(mailOf('one', { locale: 'en' }));
      expect(await store.mails.find('one')).toMatchObject({ state, said: { locale: 'de' } });
    },
  );
});
