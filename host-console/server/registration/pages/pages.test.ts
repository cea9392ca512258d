import { idOfAccess, type PlanFields, signLink, verifyLink, type WebinarEvent } from '@rostrum/contracts';
import ICAL from 'ical.js';
import { type House, openHouse, SECRET } from '../../testing/house.ts';
import { html } from './html.ts';

const START = { local: '2027-03-28T19:00', zone: 'Europe/Berlin' };
const STARTS_AT = Date.UTC(2027, 2, 28, 17);
const HOUR = 3_600_000;

let house: House;
let aheadMs = 0;
const now = (): number => STARTS_AT - 48 * HOUR + aheadMs;

beforeAll(async () => {
  house = await openHouse({ clock: { nowUnixMs: now, nowMs: () => performance.now() } });
});
beforeEach(() => {
  aheadMs = 0;
});
afterAll(() => house.close());

const happens = async (webinarId: string, ...events: WebinarEvent[]): Promise<void> => {
  await house.mediaPlane.words?.append(webinarId, () => events);
};

let made = 0;
async function plan(
  fields: PlanFields,
  title = 'Town <hall> & "more"',
  access: 'open' | 'private' = 'open',
): Promise<string> {
  made += 1;
  const webinarId = idOfAccess(`webinar-${made}`, access);
  await house.store.events.create(webinarId, {
    atUnixMs: now(),
    event: {
      ...({ type: 'webinar.created', title, startsAtUnixMs: STARTS_AT, profile: 'standard' } as const),
      plan: { start: START, join: 'registered', ...fields },
    },
  });
  return webinarId;
}
const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${house.url}${path}`, { headers, redirect: 'manual' });
const textOf = async (path: string, headers: Record<string, string> = {}): Promise<string> =>
  (await get(path, headers)).text();
const post = (path: string, fields: Record<string, string>): Promise<Response> =>
  fetch(`${house.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

/** As a browser does without JavaScript: what stands in the form is sent, a moment later. */
async function fill(webinarId: string, fields: Record<string, string>): Promise<Response> {
  const page = await textOf(`/w/${webinarId}`);
  const [, stamp = ''] = /name="stamp" value="([^"]+)"/.exec(page) ?? [];
  aheadMs += 2000;
  return post(`/w/${webinarId}`, { stamp, website: '', ...fields });
}
interface Sent {
  readonly to: string;
  readonly kind: string;
  readonly url: string | null;
}
async function mails(webinarId: string): Promise<Sent[]> {
  const rows = await house.store.database.query((db) =>
    db.selectFrom('mails').select('body').where('webinar_id', '=', webinarId).orderBy('mail_key').execute(),
  );
  return rows.map(({ body }) => {
    const { to, content } = JSON.parse(body ?? '') as { to: { address: string }; content: Omit<Sent, 'to'> };
    return { to: to.address, kind: content.kind, url: content.url };
  });
}
async function registered(webinarId: string, who = 'ada'): Promise<string> {
  await fill(webinarId, { name: `Name of ${who}`, email: `${who}@example.org` });
  const mail = (await mails(webinarId)).find(({ to }) => to.startsWith(who));
  return new URL(mail?.url ?? '').pathname;
}

test('what is put into a page is escaped, but for pages', () => {
  const nasty = `</style><script>"'&`;
  expect(html`<p title="${nasty}">${[nasty, html`<b>${1}</b>`]}${null}${false}</p>`.text).toBe(
    '<p title="&lt;/style&gt;&lt;script&gt;&quot;&#39;&amp;">&lt;/style&gt;&lt;script&gt;&quot;&#39;&amp;<b>1</b></p>',
  );
});

describe('the page of a webinar', () => {
  test('says what it is and when, in the reader’s language, whole without JavaScript, to sites that show links too', async () => {
    const webinarId = await plan({ text: 'First\n\nSecond <b>', lengthMinutes: 45 });
    const answer = await get(`/w/${webinarId}`);
    const page = await answer.text();
    expect(answer.status).toBe(200);
    expect(page).toContain('<html lang="en">');
    expect(page).toContain('<h1>Town &lt;hall&gt; &amp; &quot;more&quot;</h1>');
    expect(page).toContain('<p>Second &lt;b&gt;</p>');
    expect(page).toMatch(/Sunday, March 28, 2027 at 7:00.PM GMT\+2/);
    expect(page).toContain('45 minutes');
    expect(page).toContain('<meta property="og:title" content="Town &lt;hall&gt; &amp; &quot;more&quot;">');
    expect(page).toContain(`<meta property="og:url" content="${house.url}/w/${webinarId}">`);
    expect(page).toMatch(/https:\/\/calendar\.google\.com\/[^"]*dates=20270328T170000Z/);
    const german = await textOf(`/w/${webinarId}`, { 'accept-language': 'de-AT, en;q=0.5' });
    expect(german).toContain('<html lang="de">');
    expect(german).toMatch(/Sonntag, 28\. März 2027 um 19:00 MESZ/);
    expect(await textOf(`/w/${webinarId}?lang=en`, { 'accept-language': 'de' })).toContain(
      '<html lang="en">',
    );
  });

  test('loads nothing of anybody else, and runs what stands in it alone', async () => {
    const webinarId = await plan({});
    const answer = await get(`/w/${webinarId}`);
    const page = await answer.text();
    const policy = answer.headers.get('content-security-policy') ?? '';
    const [, nonce = ''] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
    expect(policy).toBe(
      `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(page.match(/<(script|style)[^>]*>/g)).toEqual([
      `<style nonce="${nonce}">`,
      `<script nonce="${nonce}">`,
    ]);
    expect(page).not.toMatch(/ style=| on\w+=/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect((await get(`/w/${webinarId}`)).headers.get('content-security-policy')).not.toBe(policy);
  });

  test('is not there for a draft, for a private one that nobody registers for, and for none', async () => {
    const paths = [
      `/w/${await plan({ visibility: 'draft' })}`,
      `/w/${await plan({ join: 'open' }, 'Secret', 'private')}`,
      ...['/w/nowhere', '/w/', '/w/a/b', '/j/x', '/j/id-1.abc', '/j/'],
    ];
    for (const path of paths) {
      const answer = await get(path);
      const page = await answer.text();
      expect([path, answer.status]).toEqual([path, 404]);
      expect(page).toContain('<html lang="en">');
      expect(page).not.toContain('Secret');
    }
  });

  test('takes who registers by a plain form, and the personal link comes by mail alone', async () => {
    const webinarId = await plan({});
    const answer = await fill(webinarId, { name: 'Ada', email: 'Ada@Example.org' });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `/w/${webinarId}?registered=approved`,
    ]);
    const page = await textOf(`/w/${webinarId}?registered=approved`);
    expect(page).toContain('You are registered');
    expect(page).not.toContain('/j/');
    expect(await mails(webinarId)).toEqual([
      {
        to: 'ada@example.org',
        kind: 'registration-confirmed',
        url: expect.stringContaining(`${house.url}/j/`),
      },
    ]);
    // Who is there already is answered alike.
    const again = await fill(webinarId, { name: 'Eve', email: 'ada@example.org' });
    expect(again.headers.get('location')).toBe(answer.headers.get('location'));
  });

  test('asks the webinar’s own questions, and shows again what was typed where something is missing', async () => {
    const webinarId = await plan({
      registrationQuestions: [
        { kind: 'text', questionId: 'why1', text: 'Why <you>?', required: true },
        { kind: 'choice', questionId: 'city', text: 'Where?', required: false, choices: ['Bonn', 'Köln'] },
        { kind: 'consent', questionId: 'rules', text: 'I keep the rules', required: true },
      ],
    });
    const form = { name: 'Ada "A"', email: 'nobody', 'a.why1': '</textarea><script>', 'a.city': 'Köln' };
    const wrong = await fill(webinarId, form);
    const page = await wrong.text();
    expect(wrong.status).toBe(422);
    expect(page).toContain('value="Ada &quot;A&quot;"');
    expect(page).toContain('&lt;/textarea&gt;&lt;script&gt;');
    expect(page).toContain('<option selected>Köln</option>');
    expect(page).toMatch(/id="email"[^>]*aria-invalid="true" aria-describedby="wrong-email"/);
    const missing = await (await fill(webinarId, { ...form, email: 'ada@example.org' })).text();
    expect(missing).toMatch(/id="q-rules"[^>]*aria-invalid="true"/);
    expect(await mails(webinarId)).toEqual([]);
    await fill(webinarId, { ...form, email: 'ada@example.org', 'a.rules': 'yes' });
    const [row] = await house.store.registrations.page(webinarId, ['approved'], 0, 5);
    expect(row?.answers).toEqual({ why1: '</textarea><script>', city: 'Köln', rules: true });
  });

  test('takes nothing of programs: not what fills in every field, nor what is faster than a person, nor what is forged', async () => {
    const webinarId = await plan({});
    const form = { name: 'Bot', email: 'bot@example.org' };
    const trapped = await fill(webinarId, { ...form, website: 'https://spam.example' });
    expect(trapped.headers.get('location')).toBe(`/w/${webinarId}?registered=approved`);
    const page = await textOf(`/w/${webinarId}`);
    const [, stamp = ''] = /name="stamp" value="([^"]+)"/.exec(page) ?? [];
    expect((await post(`/w/${webinarId}`, { ...form, stamp })).status).toBe(422);
    expect((await post(`/w/${webinarId}`, { ...form, stamp: `1${stamp}` })).status).toBe(422);
    expect((await post(`/w/${webinarId}`, form)).status).toBe(422);
    aheadMs += 25 * HOUR;
    expect((await post(`/w/${webinarId}`, { ...form, stamp })).status).toBe(422);
    expect(await house.store.registrations.countsOf(webinarId)).toMatchObject({ approved: 0 });
    const long = await post(`/w/${webinarId}`, { ...form, 'a.x': 'x'.repeat(200_000) });
    expect(long.status).toBe(413);
  });

  test('says that it is full, asks the crew, is live, over or cancelled', async () => {
    const full = await plan({ capacity: 1 });
    await registered(full);
    expect(await textOf(`/w/${full}`)).toContain('waiting list');
    expect((await fill(full, { name: 'Bob', email: 'bob@example.org' })).headers.get('location')).toContain(
      'waiting',
    );
    expect(await textOf(`/w/${await plan({ join: 'approved' })}`)).toContain(
      'The organisers look at each registration',
    );
    const open = await plan({ join: 'open' });
    expect(await textOf(`/w/${open}`)).not.toContain('<form');
    house.mediaPlane.origin = 'https://origin.test/';
    for (const id of [full, open]) {
      await happens(id, {
        type: 'webinar.wentLive',
        channelId: 'channel-1',
        originUrl: 'https://origin.test',
      });
    }
    expect(await textOf(`/w/${open}`)).toContain(`href="https://origin.test/w/${open}"`);
    const live = await textOf(`/w/${full}`);
    expect(live).toContain('Live now');
    expect(live).toContain('<form');
    expect(live).not.toContain('origin.test');
    for (const id of [full, open]) {
      await happens(
        id,
        { type: 'webinar.ended', recording: 'pending' },
        { type: 'webinar.recordingSettled', recorded: true },
      );
    }
    expect(await textOf(`/w/${open}`)).toContain('Watch the recording');
    expect(await textOf(`/w/${full}`)).toContain('by their personal link');
    expect(await textOf(`/w/${full}`)).not.toContain('<form');
    const cancelled = await plan({});
    await happens(cancelled, { type: 'webinar.cancelled' });
    const gone = await get(`/w/${cancelled}`);
    expect([gone.status, (await gone.text()).includes('was cancelled')]).toEqual([410, true]);
  });

  test('has a file that calendars read to the same instant', async () => {
    const answer = await get(`/w/${await plan({})}/event.ics`);
    expect(answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    const event = new ICAL.Component(ICAL.parse(await answer.text())).getFirstSubcomponent('vevent');
    const zone = new ICAL.Timezone(event?.parent?.getFirstSubcomponent('vtimezone') as ICAL.Component);
    const start = new ICAL.Event(event as ICAL.Component).startDate;
    start.zone = zone;
    expect(start.toUnixTime() * 1000).toBe(STARTS_AT);
    expect((await get(`/w/${await plan({ start: null })}/event.ics`)).status).toBe(404);
  });
});

describe('a personal link', () => {
  test('shows how it stands until there is something to watch, and then opens the watch page as that person', async () => {
    house.mediaPlane.origin = 'https://origin.test/';
    const webinarId = await plan({});
    const path = await registered(webinarId);
    const early = await textOf(path);
    expect(early).toContain('You are registered.');
    expect(early).toContain('For Name of ada');
    expect(early).toContain('<meta name="robots" content="noindex">');
    expect(early).toContain(`href="${path}/watch"`);
    aheadMs = 47.5 * HOUR;
    const opened = await get(path);
    expect(opened.status).toBe(303);
    const [page, token = ''] = (opened.headers.get('location') ?? '').split('#t=');
    expect(page).toBe(`https://origin.test/w/${webinarId}`);
    const [row] = await house.store.registrations.page(webinarId, ['approved'], 0, 5);
    expect(await verifyLink(token, SECRET, now())).toMatchObject({
      ok: true,
      claims: {
        webinarId,
        personId: row?.personId,
        role: 'attendee',
        name: 'Name of ada',
        by: 'registration',
      },
    });
    expect(row?.joinedUnixMs).toBe(now());
    house.mediaPlane.origin = null;
    expect(await textOf(path)).toContain('not up yet');
  });

  test('lets in where strangers are not, and not any more once the place was given up', async () => {
    house.mediaPlane.origin = 'https://origin.test/';
    const webinarId = await plan({});
    const join = (headers: Record<string, string> = {}, name = 'Stranger'): Promise<Response> =>
      fetch(`${house.url}/api/webinars/${webinarId}/attendees`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ name }),
      });
    expect((await join()).status).toBe(403);
    const path = await registered(webinarId);
    const token = ((await get(`${path}/watch`)).headers.get('location') ?? '').split('#t=')[1] ?? '';
    const client = house.client({ token });
    await client.synced();
    expect(client.view?.webinarId).toBe(webinarId);
    const renamed = (await (await join({ authorization: `Bearer ${token}` }, 'Ada L.')).json()) as {
      token: string;
    };
    const other = house.client({ token: renamed.token });
    await other.synced();
    // Whoever was there by themselves before is a stranger now.
    const stranger = house.client({ token: await strangerToken(webinarId) });
    await expect(stranger.synced()).rejects.toThrow('revoked');
    expect((await post(`${path}/cancel`, {})).status).toBe(303);
    await Promise.all([client.gone(), other.gone()]);
    await expect(house.client({ token }).synced()).rejects.toThrow('revoked');
    expect(await textOf(path)).toContain('Your registration is cancelled.');
    // Anew they have another link, and the old one is none.
    await fill(webinarId, { name: 'Ada', email: 'ada@example.org' });
    expect((await get(path)).status).toBe(404);
  });

  test('waits with whom the crew has not let in yet, and shows it when it has', async () => {
    const webinarId = await plan({ join: 'approved' });
    const path = await registered(webinarId);
    aheadMs = 48 * HOUR;
    expect(await textOf(path)).toContain('waits for approval');
    expect((await get(`${path}/watch`)).status).toBe(200);
    const [row] = await house.store.registrations.page(webinarId, ['pending'], 0, 5);
    await house.coordinator.registration.registrations.answer(
      webinarId,
      [row?.registrationId ?? ''],
      'refuse',
    );
    const refused = await textOf(path);
    expect(refused).toContain('was not accepted');
    expect(refused).not.toContain('/cancel');
  });

  test('ends mails when that is sent, and by nothing that only looks', async () => {
    const webinarId = await plan({});
    const path = await registered(webinarId);
    const unsubscribed = async (): Promise<boolean> =>
      (await house.store.registrations.page(webinarId, ['approved'], 0, 5))[0]?.unsubscribedUnixMs !== null;
    expect(await textOf(`${path}/unsubscribe`)).toContain(`action="${path}/unsubscribe"`);
    expect(await unsubscribed()).toBe(false);
    // As a mail program sends it (RFC 8058 section 3.1).
    const answer = await post(`${path}/unsubscribe`, { 'List-Unsubscribe': 'One-Click' });
    expect([answer.status, await unsubscribed()]).toEqual([200, true]);
    await post(`${path}/unsubscribe`, { wants: 'yes' });
    expect(await unsubscribed()).toBe(false);
  });

  test('has an entry for calendars that leads to it', async () => {
    const webinarId = await plan({});
    const path = await registered(webinarId);
    expect((await textOf(`${path}/event.ics`)).replaceAll('\r\n ', '')).toContain(`URL:${house.url}${path}`);
  });
});

async function strangerToken(webinarId: string): Promise<string> {
  const claims = {
    linkId: 'link-stranger',
    generation: 0,
    webinarId,
    personId: 'stranger',
    role: 'attendee',
    name: 'S',
  } as const;
  return signLink(claims, SECRET, now() + HOUR);
}

test('too many pages from one address are refused for a while', async () => {
  const strict = await openHouse({
    publicRates: {
      pages: { burst: 5, perSecond: 0.001 },
      registering: { burst: 1, perSecond: 0.001 },
      registeringInRoom: { burst: 9, perSecond: 1 },
    },
  });
  const codes = [];
  for (let i = 0; i < 6; i += 1) codes.push((await fetch(`${strict.url}/w/nowhere`)).status);
  expect(codes).toEqual([404, 404, 404, 404, 404, 429]);
  await strict.close();
});

test('too many who register from one address are told so, and what they typed is still there', async () => {
  let ahead = 0;
  const rate = { burst: 1, perSecond: 0.001 };
  const many = { burst: 100, perSecond: 1 };
  const strict = await openHouse({
    clock: { nowUnixMs: () => Date.now() + ahead, nowMs: () => performance.now() },
    publicRates: { pages: many, registering: rate, registeringInRoom: many },
  });
  await strict.store.events.create('webinar-1', {
    atUnixMs: Date.now(),
    event: {
      ...({ type: 'webinar.created', title: 'T', startsAtUnixMs: null, profile: 'standard' } as const),
      plan: { join: 'registered' },
    },
  });
  const page = await (await fetch(`${strict.url}/w/webinar-1`)).text();
  const [, stamp = ''] = /name="stamp" value="([^"]+)"/.exec(page) ?? [];
  ahead = 2000;
  const send = (email: string): Promise<Response> =>
    fetch(`${strict.url}/w/webinar-1`, {
      ...{ method: 'POST', redirect: 'manual' },
      body: new URLSearchParams({ stamp, name: 'Ada', email }),
    });
  expect((await send('ada@example.org')).status).toBe(303);
  const refused = await send('bob@example.org');
  expect(refused.status).toBe(429);
  expect(await refused.text()).toContain('value="bob@example.org"');
  await strict.close();
});
