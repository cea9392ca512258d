import type { Mail } from '../../mail/mail.ts';
import { systemClock } from '../../ports.ts';
import { type House, openHouse } from '../../testing/house.ts';

const HOUR_MS = 3_600_000;
const PASSWORD = 'correct horse battery';

let house: House;
let aheadMs: number;
let owner: Awaited<ReturnType<House['account']>>;
beforeEach(async () => {
  aheadMs = 0;
  house = await openHouse({
    clock: { nowMs: systemClock.nowMs, nowUnixMs: () => Date.now() + aheadMs },
  });
  owner = await house.account('owner', { name: 'Olga' });
});
afterEach(() => house.close());

async function ask(method: string, path: string, { cookie = '' } = {}, body?: unknown) {
  const answer = await fetch(`${house.url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), cookie },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: answer.status,
    // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
    body: (await answer.json()) as any,
    cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '',
  };
}
const invite = (email: string, role = 'host') => ask('POST', '/api/invitations', owner, { email, role });
const secretIn = (url: string): string => new URL(url).hash.slice('#t='.length);
const accept = (secret: string, name = 'Eve') =>
  ask('POST', '/api/invitation/accept', {}, { secret, name, password: PASSWORD });
/** The newest one that was mailed. */
const mailed = async (): Promise<Pick<Mail, 'key' | 'to' | 'locale' | 'content'>[]> => {
  const rows = await house.store.database.transact((tx) =>
    tx.selectFrom('mails').select(['mail_key', 'body']).where('state', '=', 'queued').execute(),
  );
  return rows.map(({ mail_key, body }) => ({
    key: Buffer.from(mail_key).toString(),
    ...JSON.parse(body ?? '{}'),
  }));
};

describe('an invitation', () => {
  test('is mailed with a link, by which one account is made, of the role and address that were invited', async () => {
    const { status, body } = await invite('Eve@example.org');
    expect(status).toBe(201);
    expect(await mailed()).toMatchObject([
      {
        to: { address: 'Eve@example.org' },
        content: { kind: 'invitation', inviter: 'Olga', url: body.url },
      },
    ]);
    const secret = secretIn(body.url);
    expect((await ask('POST', '/api/invitation', {}, { secret })).body).toEqual({
      ...{ email: 'Eve@example.org', role: 'host', inviter: 'Olga' },
    });
    const both = await Promise.all([accept(secret), accept(secret)]);
    expect(both.map((one) => one.status).sort()).toEqual([201, 404]);
    const eve = both.find((one) => one.status === 201);
    expect((await ask('GET', '/api/account', eve)).body).toMatchObject({ name: 'Eve', role: 'host' });
    expect((await ask('GET', '/api/members', eve)).status).toBe(403);
    expect((await accept(secret)).status).toBe(404);
    const list = (await ask('GET', '/api/members', owner)).body;
    expect(list.members.map((one: { name: string }) => one.name)).toEqual(['Eve', 'Olga']);
    expect(list.invitations).toEqual([]);
    expect((await invite('eve@EXAMPLE.org')).status).toBe(409);
  });

  test('takes the place of the one before, of which the mail is taken back; and it can be withdrawn', async () => {
    const first = await invite('eve@example.org', 'host');
    const second = await invite('EVE@example.org', 'moderator');
    expect(await mailed()).toMatchObject([{ content: { url: second.body.url } }]);
    expect((await accept(secretIn(first.body.url))).status).toBe(404);
    const { invitations } = (await ask('GET', '/api/members', owner)).body;
    expect(invitations).toMatchObject([{ role: 'moderator', email: 'EVE@example.org' }]);
    const path = `/api/invitations/${invitations[0].invitationId}`;
    expect((await ask('DELETE', path, owner)).status).toBe(200);
    expect((await ask('DELETE', path, owner)).status).toBe(404);
    expect((await accept(secretIn(second.body.url))).status).toBe(404);
    expect(await mailed()).toEqual([]);
  });

  test('is good for a week', async () => {
    const { body } = await invite('eve@example.org');
    aheadMs = 7 * 24 * HOUR_MS + 1;
    expect((await accept(secretIn(body.url))).status).toBe(404);
    // Whoever was invited has to sign in anew: their own session has a month.
    expect((await ask('GET', '/api/members', owner)).body.invitations).toEqual([]);
  });
});

describe('members', () => {
  test('are given another role, which counts at once, and are removed', async () => {
    const host = await house.account('host', { name: 'Hans' });
    const set = (role: string) => ask('PATCH', `/api/members/${host.accountId}`, owner, { role });
    expect((await ask('POST', '/api/webinars', host, { title: 'T' })).status).toBe(201);
    expect((await set('moderator')).body).toMatchObject({ role: 'moderator' });
    expect((await ask('POST', '/api/webinars', host, { title: 'T' })).status).toBe(403);
    expect((await set('owner')).status).toBe(200);
    expect((await ask('GET', '/api/members', host)).status).toBe(200);
    expect((await ask('DELETE', `/api/members/${host.accountId}`, owner)).status).toBe(200);
    expect((await ask('GET', '/api/account', host)).status).toBe(401);
    expect((await ask('DELETE', `/api/members/${host.accountId}`, owner)).status).toBe(404);
  });

  test('have an owner among them, whatever is asked', async () => {
    const self = `/api/members/${owner.accountId}`;
    expect((await ask('PATCH', self, owner, { role: 'host' })).status).toBe(409);
    expect((await ask('DELETE', self, owner)).status).toBe(409);
    expect((await ask('GET', '/api/members', owner)).body.members).toMatchObject([{ role: 'owner' }]);
  });

  test('run the webinars that a host assigned them to', async () => {
    const [host, helper, other] = [
      await house.account('host', { name: 'Hans' }),
      await house.account('moderator', { name: 'Mia' }),
      await house.account('host', { name: 'Otto' }),
    ];
    const { webinarId } = (await ask('POST', '/api/webinars', host, { title: 'T' })).body;
    const members = `/api/webinars/${webinarId}/members`;
    const assign = (who: { accountId: string }, here: string | null) =>
      ask('PUT', `${members}/${who.accountId}`, host, { here });
    expect((await assign(helper, 'host')).status).toBe(409);
    expect((await assign(helper, 'moderator')).body.members).toMatchObject([
      { name: 'Hans', here: 'host' },
      { name: 'Mia', here: 'moderator' },
      { name: 'Olga', here: null },
      { name: 'Otto', here: null },
    ]);
    expect((await ask('GET', `/api/webinars/${webinarId}`, helper)).status).toBe(200);
    expect((await ask('GET', members, other)).status).toBe(403);
    expect((await ask('GET', members, helper)).status).toBe(403);
    expect((await assign(other, 'host')).status).toBe(200);
    expect((await ask('GET', members, other)).status).toBe(200);
    await assign(other, null);
    expect((await ask('GET', `/api/webinars/${webinarId}`, other)).status).toBe(403);
  });
});

describe('a forgotten password', () => {
  const ofMail = async (): Promise<string> => {
    const [mail] = await mailed();
    return mail?.content.kind === 'password-reset' ? secretIn(mail.content.url) : 'none';
  };
  const reset = (secret: string, password = 'another one, quite long') =>
    ask('POST', '/api/password-reset/use', {}, { secret, password });

  test('is set anew by a link in a mail, once, and every session ends', async () => {
    const host = await house.account('host');
    expect((await ask('POST', '/api/password-reset', {}, { email: host.email })).body).toEqual({});
    const secret = await ofMail();
    expect((await reset(secret, 'short')).status).toBe(400);
    const done = await reset(secret);
    expect(done.status).toBe(201);
    expect((await ask('GET', '/api/account', host)).status).toBe(401);
    expect((await ask('GET', '/api/account', done)).body).toMatchObject({ hasPassword: true });
    expect((await reset(secret)).status).toBe(404);
    const signIn = { email: host.email, password: 'another one, quite long' };
    expect((await ask('POST', '/api/session', {}, signIn)).status).toBe(201);
  });

  test('of an address that nobody has mails nothing, and is answered the same', async () => {
    expect(await ask('POST', '/api/password-reset', {}, { email: 'nobody@example.org' })).toMatchObject({
      status: 200,
      body: {},
    });
    expect(await mailed()).toEqual([]);
  });

  test('is not set by a link that is an hour old, nor by one where another was used', async () => {
    const host = await house.account('host');
    await ask('POST', '/api/password-reset', {}, { email: host.email });
    const first = await ofMail();
    aheadMs = HOUR_MS + 1;
    expect((await reset(first)).status).toBe(404);
    await ask('POST', '/api/password-reset', {}, { email: host.email });
    await ask('POST', '/api/password-reset', {}, { email: host.email });
    const secrets = (await mailed()).flatMap(({ content }) =>
      content.kind === 'password-reset' ? [secretIn(content.url)] : [],
    );
    const good = secrets.filter((secret) => secret !== first);
    expect(good).toHaveLength(2);
    expect([(await reset(good[1] ?? '')).status, (await reset(good[0] ?? '')).status]).toEqual([201, 404]);
  });
});

test('who did what is read by owners, page by page', async () => {
  for (let n = 0; n < 60; n += 1) await invite(`eve${n}@example.org`);
  const first = (await ask('GET', '/api/audit', owner)).body;
  expect(first.entries).toHaveLength(50);
  const second = (await ask('GET', `/api/audit?after=${first.next}`, owner)).body;
  expect([second.entries.length, second.next]).toEqual([10, null]);
  expect(new Set([...first.entries, ...second.entries].map(({ auditId }) => auditId)).size).toBe(60);
  expect(first.entries[0]).toMatchObject({ actorName: 'Olga', action: 'member.invited' });
  expect((await ask('GET', '/api/audit?after=nonsense', owner)).status).toBe(400);
});
