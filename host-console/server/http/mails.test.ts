import type { MailList, MailSummary, MailView } from '@rostrum/contracts';
import { composer } from '../mail/compose.ts';
import type { Delivery, MailOutcome } from '../mail/delivery.ts';
import type { Mail } from '../mail/mail.ts';
import { type House, openHouse } from '../testing/house.ts';

const mailOf = (key: string, more: Partial<Mail> = {}): Mail => ({
  key,
  to: { address: `${key}@example.test`, name: '<b>Ada</b>' },
  locale: 'de',
  webinarId: null,
  dueUnixMs: 1_000_000,
  content: {
    kind: 'live-now',
    title: '<script>alert(1)</script>',
    url: 'https://console.test/j#secret',
    unsubscribeUrl: null,
    event: null,
  },
  ...more,
});

let house: House;
let token: string;
beforeEach(async () => {
  house = await openHouse();
  token = (await house.coordinator.service.ownerUrl()).split('#t=')[1] ?? '';
});
afterEach(() => house.close());

const add = (...mails: Mail[]) => house.store.database.transact((tx) => house.store.mails.addAll(tx, mails));
/** As if that had come of them. */
const become = (state: 'bounced' | 'sent' | 'filed' | 'doubtful', outcome: MailOutcome) =>
  house.store.database.transact(async (tx) => {
    await tx
      .updateTable('mails')
      .set({ state, outcome: JSON.stringify(outcome), settled_unix_ms: 2_000_000, attempts: 1 })
      .execute();
  });
async function ask<T>(path: string, method = 'GET'): Promise<{ status: number; body: T }> {
  const response = await fetch(`${house.url}/api/mails${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: '{}' } : {}),
  });
  return { status: response.status, body: (await response.json()) as T };
}
const only = async (): Promise<MailSummary> => (await ask<MailList>('')).body.mails[0] as MailSummary;

test('mails are listed with what became of them, page by page', async () => {
  await add(
    ...Array.from({ length: 120 }, (_, i) => mailOf(`mail-${i}`, { dueUnixMs: 1_000_000 + (i % 7) })),
  );
  const seen: string[] = [];
  let after = '';
  do {
    const { body } = await ask<MailList>(`?show=waiting${after}`);
    expect(body.mails.length).toBeLessThanOrEqual(50);
    seen.push(...body.mails.map(({ mailId }) => mailId));
    after = body.next === null ? '' : `&after=${body.next}`;
  } while (after !== '');
  expect(new Set(seen).size).toBe(120);
  expect(seen).toHaveLength(120);
  expect((await ask<MailList>('?show=trouble')).body).toEqual({ mails: [], next: null, delivery: 'folder' });
});

test('one is shown with its words, in which nothing runs', async () => {
  await add(mailOf('one'));
  await become('sent', { kind: 'sent', answer: '250 ok' });
  const mail = await only();
  expect(mail).toMatchObject({
    kind: 'live-now',
    state: 'sent',
    said: { address: 'one@example.test', subject: 'Jetzt live: <script>alert(1)</script>' },
    answer: '250 ok',
    settledUnixMs: 2_000_000,
    nextUnixMs: null,
    mayBeSentAgain: false,
  });
  const { body } = await ask<MailView>(`/${mail.mailId}`);
  expect(body.html).not.toMatch(/<script|<b>/);
  expect(body.text).toContain('https://console.test/j#secret');
});

test('links to somebody’s account are for them alone, unless they lie in a folder to be passed on', async () => {
  const url = 'https://console.test/reset#secret';
  await add(mailOf('one', { content: { kind: 'password-reset', url, validMinutes: 5 } }));
  const shown = async () => JSON.stringify((await ask<MailView>(`/${(await only()).mailId}`)).body);
  expect(await shown()).not.toContain('secret');
  await become('sent', { kind: 'sent', answer: '250 ok' });
  expect(await shown()).not.toContain('secret');
  await become('filed', { kind: 'filed', file: 'x.eml' });
  expect(await shown()).toContain('secret');
  expect((await only()).mayBeSentAgain).toBe(false);
});

test('what bounced is sent again by hand, and nothing else is', async () => {
  await add(mailOf('one'));
  const { mailId } = await only();
  expect((await ask(`/${mailId}/again`, 'POST')).status).toBe(409);
  await become('bounced', { kind: 'bounced', answer: '550 no such user' });
  expect(await only()).toMatchObject({ answer: '550 no such user', mayBeSentAgain: true });
  const again = await ask<MailSummary>(`/${mailId}/again`, 'POST');
  expect(again).toMatchObject({ status: 200, body: { state: 'queued', attempts: 0, answer: null } });
  expect((await ask(`/${mailId}/again`, 'POST')).status).toBe(409);
});

test.each(['?show=other', '?after=x', '?after=e30', `?after=${'x'.repeat(2000)}`])(
  '%s is refused',
  async (query) => {
    expect((await ask(query)).status).toBe(400);
  },
);

test('there is none of another id', async () => {
  for (const id of ['bWFpbA', '!', 'x'.repeat(500)]) expect((await ask(`/${id}`)).status).toBe(404);
});

test('a coordinator sends what is due, says so in its metrics, and is ready whether or not mails can be sent', async () => {
  await house.close();
  const outcomes: MailOutcome[] = [
    { kind: 'deferred', reason: 'connection refused', because: 'server' },
    { kind: 'sent', answer: '250 ok' },
  ];
  const given: string[] = [];
  const delivery: Delivery = {
    kind: 'smtp',
    async deliver({ to }) {
      given.push(to);
      return outcomes[given.length - 1] ?? { kind: 'sent', answer: '250' };
    },
    close: () => undefined,
  };
  house = await openHouse({
    mail: { delivery, compose: composer({ from: { address: 'a@b.test', name: null }, dkim: null }) },
  });
  token = (await house.coordinator.service.ownerUrl()).split('#t=')[1] ?? '';
  await add(mailOf('one', { dueUnixMs: Date.now() }));
  const until = Date.now() + 20_000;
  while (given.length === 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(given).toEqual(['one@example.test']);
  expect((await house.coordinator.readiness()).ready).toBe(true);
  expect(await house.metrics.registry.metrics()).toContain(
    'rostrum_mail_attempts_total{outcome="deferred"} 1',
  );
  expect((await ask<MailList>('')).body).toMatchObject({
    delivery: 'smtp',
    mails: [{ state: 'queued', attempts: 1 }],
  });
}, 30_000);
