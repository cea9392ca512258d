/**
 * Who may what, by table: every event of a socket and every route, by who asks and what became of their token. The rows are
 * written by hand and say what is meant, apart from the code that decides it; an event or a route without one fails.
 */
import {
  type AccountRole,
  type CommandInput,
  type PersonCommand,
  personCommands,
  type Role,
  signLink,
  type WebinarEvent,
} from '@rostrum/contracts';
import { accountArea } from './http/account-area.ts';
import { createApi } from './http/api.ts';
import { API_RATES } from './http/desk.ts';
import { invitationArea } from './http/invitation-area.ts';
import { mailArea } from './http/mail-area.ts';
import { memberArea } from './http/member-area.ts';
import { passcodeArea } from './http/passcode-area.ts';
import { planArea } from './http/plan-area.ts';
import { readinessArea } from './http/readiness-area.ts';
import { registrationArea } from './http/registration-area.ts';
import { reportArea } from './http/report-area.ts';
import type { Route } from './http/route.ts';
import { ROUTES } from './http/routes.ts';
import { seriesArea } from './http/series-area.ts';
import { v1Area } from './http/v1/area.ts';
import { tokenArea } from './http/v1/token-area.ts';
import { webhookArea } from './http/v1/webhook-area.ts';
import { webinarArea } from './http/webinar-area.ts';
import { LIMITS } from './identity/limits.ts';
import { createMetrics } from './metrics.ts';
import { randomIds, systemClock } from './ports.ts';
import { type Client, type House, openHouse, SECRET } from './testing/house.ts';
import { FINE_REPORT } from './testing/quality-report.ts';

/** Of one webinar. `invited`: an attendee by a link the crew made; `guest`: an attendee whose hand was accepted. */
const MEMBERS = ['attendee', 'invited', 'panelist', 'guest', 'moderator', 'host'] as const;
type Member = (typeof MEMBERS)[number];
/** What can have become of a token since it was good. */
const BAD_STATES = ['removed', 'sent out', 'revoked', 'all revoked', 'expired'] as const;
type BadState = (typeof BAD_STATES)[number];

const HOUR_MS = 3_600_000;
const roleOf = (member: Member): Exclude<Role, 'owner'> =>
  member === 'invited' || member === 'guest' ? 'attendee' : member;
const personOf = (member: Member): string => `person-${member}`;
const linkOf = (member: Member): string => `link-of-${member}`;

let house: House;
/** One that nobody uses. */
let tokenId: string;
beforeAll(async () => {
  house = await openHouse();
  tokenId = await aToken(house);
});
afterAll(() => house.close());

const aToken = async ({ url }: House): Promise<string> => {
  const made = await fetch(`${url}/api/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await ownerToken()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Nobody’s', scopes: ['webinars:read'] }),
  });
  return ((await made.json()) as { tokenId: string }).tokenId;
};

/** A new one, which was told something, where the path is of one. */
const aWebhook = async (path: string): Promise<string> => {
  if (!path.includes(':webhookId')) return '';
  const webhookId = randomIds.next();
  await house.store.database.transact(async (tx) => {
    await house.store.webhooks.add(
      {
        ...{ webhookId, url: 'https://hooks.example.org/', description: '', events: [], state: 'enabled' },
        ...{ secrets: [{ secret: 'whsec_c2VjcmV0', untilUnixMs: null }], failingSinceUnixMs: null },
        createdUnixMs: 1_800_000_000_000,
      },
      tx,
    );
    // Not due before anybody looks.
    const message = {
      messageId: 'msg_1',
      type: 'webhook.test',
      body: '{}',
      atUnixMs: 4_000_000_000_000,
    } as const;
    await house.store.webhooks.tell(tx, message, webhookId);
  });
  return webhookId;
};

/** A new one that has bounced, where the path is of one. */
const aMail = async (path: string): Promise<string> => {
  if (!path.includes(':mailId')) return '';
  const key = `invitation:${randomIds.next()}`;
  const { database, mails } = house.store;
  await database.transact(async (tx) => {
    await mails.add(tx, {
      ...{
        key,
        to: { address: 'ada@example.test', name: null },
        locale: 'en',
        webinarId: null,
        dueUnixMs: 0,
      },
      content: { kind: 'invitation', inviter: 'Grace', url: 'https://console.test/i' },
    });
    await tx.updateTable('mails').set({ state: 'bounced' }).execute();
  });
  return Buffer.from(key).toString('base64url');
};

const sign = (webinarId: string, member: Member, expired = false): Promise<string> =>
  signLink(
    {
      linkId: linkOf(member),
      generation: 0,
      webinarId,
      personId: personOf(member),
      role: roleOf(member),
      name: member,
    },
    SECRET,
    Date.now() + (expired ? -HOUR_MS : HOUR_MS),
  );
const ownerToken = async (): Promise<string> =>
  new URL(await house.coordinator.service.ownerUrl()).hash.slice('#t='.length);
const log = async (webinarId: string, ...events: WebinarEvent[]): Promise<void> => {
  await house.mediaPlane.words?.append(webinarId, () => events);
};
const linkMade = (member: Member): WebinarEvent => ({
  type: 'link.made',
  linkId: linkOf(member),
  personId: personOf(member),
  name: member,
  role: roleOf(member),
  expiresUnixMs: Date.now() + HOUR_MS,
});

/** A webinar in which everybody is whom their name says. */
async function goodWebinar(): Promise<string> {
  const webinarId = await house.webinar();
  await log(
    webinarId,
    ...MEMBERS.filter((member) => member !== 'attendee' && member !== 'guest').map(linkMade),
    { type: 'person.admitted', personId: personOf('panelist'), name: 'panelist', role: 'panelist' },
    { type: 'hand.raised', personId: personOf('guest'), name: 'guest' },
    { type: 'hand.accepted', personId: personOf('guest') },
  );
  return webinarId;
}

/** One in which that became of everybody's token. */
async function spoil(webinarId: string, state: BadState): Promise<void> {
  const each = (events: (member: Member) => WebinarEvent[]): Promise<void> =>
    log(webinarId, ...MEMBERS.flatMap(events));
  if (state === 'removed') {
    await each((member) => [
      { type: 'person.admitted', personId: personOf(member), name: member, role: roleOf(member) },
      { type: 'person.removed', personId: personOf(member) },
    ]);
  } else if (state === 'sent out') {
    await each((member) => [
      { type: 'person.admitted', personId: personOf(member), name: member, role: roleOf(member) },
      { type: 'person.sentOut', personId: personOf(member) },
    ]);
  } else if (state === 'revoked') {
    await each((member) => [linkMade(member), { type: 'link.revoked', linkId: linkOf(member) }]);
  } else if (state === 'all revoked') await log(webinarId, { type: 'links.revoked' });
}

const refusal = async (token: string | undefined): Promise<string> => {
  const client = house.client(token === undefined ? {} : { token });
  try {
    await client.synced();
    return `admitted to ${client.view?.webinarId}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    client.socket.disconnect();
  }
};

describe('events of a socket', () => {
  interface Row<C extends PersonCommand> {
    readonly input: CommandInput<C>;
    readonly may: readonly Member[];
  }
  const ALL = MEMBERS;
  const CREW = ['moderator', 'host'] as const;
  const HOST = ['host'] as const;
  const ATTENDEES = ['attendee', 'invited', 'guest'] as const;
  const STAGE = ['panelist', 'guest', 'moderator', 'host'] as const;
  const somebody = { personId: 'person-x' };
  const question = { questionId: 'question-x' };
  const transport = { transportId: 'transport-x' };
  const EVENTS: { readonly [C in PersonCommand]: Row<C> } = {
    'webinar:goLive': { input: {}, may: HOST },
    'webinar:end': { input: {}, may: HOST },
    'webinar:keepLive': { input: {}, may: CREW },
    'doors:open': { input: {}, may: HOST },
    'doors:close': { input: {}, may: HOST },
    'doors:rule': { input: { bed: true }, may: CREW },
    'air:set': { input: { ...somebody, onAir: true }, may: CREW },
    'scene:update': { input: { nameCards: true }, may: CREW },
    'direction:set': { input: { direction: 'manual' }, may: CREW },
    'person:mute': { input: somebody, may: CREW },
    'person:unmute': { input: somebody, may: CREW },
    'person:unmuteSelf': { input: {}, may: ALL },
    'unmuting:set': { input: { mayUnmute: true }, may: CREW },
    'tracks:set': { input: { record: true }, may: CREW },
    'consent:answer': { input: { to: 'recording', given: true, textVersion: 1 }, may: ALL },
    'person:sendOut': { input: somebody, may: CREW },
    'person:remove': { input: somebody, may: CREW },
    'question:ask': { input: { ...question, text: 'Why?' }, may: ALL },
    'question:vote': { input: { ...question, vote: true }, may: ALL },
    'question:answerLive': { input: question, may: CREW },
    'question:answer': { input: { ...question, answer: null }, may: CREW },
    'moderation:set': { input: { moderation: 'open' }, may: CREW },
    'question:approve': { input: question, may: CREW },
    'question:dismiss': { input: question, may: CREW },
    'hand:raise': { input: {}, may: [...ATTENDEES, 'panelist'] },
    'hand:lower': { input: {}, may: [...ATTENDEES, 'panelist'] },
    'hand:accept': { input: somebody, may: CREW },
    'hand:decline': { input: somebody, may: CREW },
    'guest:return': { input: somebody, may: CREW },
    'guest:leave': { input: {}, may: ATTENDEES },
    'recording:mark': { input: { markId: 'mark-x', title: 'A mark' }, may: CREW },
    'recording:renameMark': { input: { markId: 'mark-x', title: 'Another' }, may: CREW },
    'recording:removeMark': { input: { markId: 'mark-x' }, may: CREW },
    'recording:setCuts': { input: { cuts: [] }, may: HOST },
    'recording:publish': { input: { published: false }, may: HOST },
    'recording:wantDownloads': { input: { renditions: ['hi'] }, may: HOST },
    'backstage:say': { input: { messageId: 'message-x', text: 'Two minutes.' }, may: ['panelist', ...CREW] },
    'backstage:unsay': { input: { messageId: 'message-x' }, may: CREW },
    'backstage:order': { input: { personIds: [] }, may: CREW },
    'backstage:countdown': { input: { airsAtUnixMs: 1_800_000_000_000 }, may: CREW },
    'backstage:close': { input: {}, may: HOST },
    'media:prepare': { input: {}, may: STAGE },
    'media:join': { input: {}, may: STAGE },
    'media:leave': { input: {}, may: STAGE },
    'media:createTransport': { input: { direction: 'send' }, may: STAGE },
    'media:connectTransport': { input: { ...transport, dtlsParameters: {} }, may: STAGE },
    'media:restartIce': { input: transport, may: STAGE },
    'media:produce': {
      input: { ...transport, kind: 'audio', source: 'mic', rtpParameters: {} },
      may: STAGE,
    },
    'media:pauseProducer': { input: { producerId: 'producer-x', paused: true }, may: STAGE },
    'media:closeProducer': { input: { producerId: 'producer-x' }, may: STAGE },
    'media:consume': { input: { ...transport, producerId: 'producer-x', rtpCapabilities: {} }, may: STAGE },
    'media:updateConsumer': { input: { consumerId: 'consumer-x' }, may: STAGE },
    'media:quality': { input: FINE_REPORT, may: STAGE },
    'media:closeConsumer': { input: { consumerId: 'consumer-x' }, may: STAGE },
  };
  const names = Object.keys(personCommands) as PersonCommand[];
  /** What is answered to who has the right, whatever comes of it. */
  const REFUSED = new Set(['forbidden', 'unauthenticated', 'bad-input', 'internal']);

  const enter = async (webinarId: string): Promise<[Member, Client][]> =>
    Promise.all(
      MEMBERS.map(async (member): Promise<[Member, Client]> => {
        const client = house.client({ token: await sign(webinarId, member) });
        await client.synced();
        return [member, client];
      }),
    );
  const leave = (clients: readonly [Member, Client][]): void => {
    for (const [, client] of clients) client.socket.disconnect();
  };

  test('each has a row', () => {
    expect(Object.keys(EVENTS).sort()).toEqual([...names].sort());
  });

  test.each(names)('%s', async (name) => {
    const { input, may } = EVENTS[name];
    const clients = await enter(await goodWebinar());
    const told: [Member, string][] = [];
    for (const [member, client] of clients) {
      const code = await client.code(name, input);
      told.push([member, REFUSED.has(code) ? code : 'may']);
    }
    expect(told).toEqual(MEMBERS.map((member) => [member, may.includes(member) ? 'may' : 'forbidden']));
    leave(clients);
  });

  test('what is none is for nobody', async () => {
    const clients = await enter(await goodWebinar());
    for (const [, client] of clients) {
      for (const name of ['sync', 'deltas', 'heartbeat', 'rpc', 'toString', '__proto__']) {
        expect([name, await client.code(name, {})]).toEqual([name, 'bad-input']);
      }
    }
    leave(clients);
  });

  test('are for nobody without a good token: it opens no connection, and the owner’s none either', async () => {
    expect(await refusal(undefined)).toBe('token-invalid');
    expect(await refusal('none')).toBe('token-invalid');
    expect(await refusal(await ownerToken())).toBe('webinar-unknown');
    for (const state of BAD_STATES) {
      const webinarId = await goodWebinar();
      await spoil(webinarId, state);
      const code = {
        removed: 'removed',
        'sent out': 'sent-out',
        revoked: 'revoked',
        'all revoked': 'revoked',
        expired: 'token-expired',
      };
      for (const member of MEMBERS) {
        const token = await sign(webinarId, member, state === 'expired');
        expect([member, state, await refusal(token)]).toEqual([member, state, code[state]]);
      }
    }
  });

  test('another webinar’s token is somebody there alone', async () => {
    const [here, there] = [await goodWebinar(), await goodWebinar()];
    for (const member of MEMBERS)
      expect(await refusal(await sign(there, member))).toBe(`admitted to ${there}`);
    const clients = await enter(there);
    for (const [, client] of clients) {
      for (const name of names) await client.code(name, { webinarId: here, ...EVENTS[name].input });
    }
    leave(clients);
    const [, host] = (await enter(here)).at(-1) as [Member, Client];
    expect(host.view).toMatchObject({ phase: { phase: 'scheduled' }, questions: [], hands: [] });
  });

  test('of a connection that was made while the token was good: none is taken once it has expired', async () => {
    let aheadMs = 0;
    const aging = await openHouse({
      clock: { nowMs: systemClock.nowMs, nowUnixMs: () => Date.now() + aheadMs },
    });
    const before = house;
    house = aging;
    try {
      const clients = await enter(await goodWebinar());
      aheadMs = 2 * HOUR_MS;
      for (const [member, client] of clients) {
        for (const name of names) {
          const code = await client.code(name, EVENTS[name].input);
          expect([member, name, code]).toEqual([member, name, 'unauthenticated']);
        }
      }
    } finally {
      house = before;
      await aging.close();
    }
  });

  test.each(['removed', 'sent out', 'revoked', 'all revoked'] as const)(
    'of a connection that was made while the token was good: none is taken once it is %s, and it ends',
    async (state) => {
      const webinarId = await goodWebinar();
      const clients = await enter(webinarId);
      const codes: Promise<string>[] = [];
      const ended = clients.map(([, client]) => client.gone());
      await spoil(webinarId, state);
      for (const [, client] of clients) {
        for (const name of names) {
          if (client.socket.connected) codes.push(client.code(name, EVENTS[name].input).catch(() => 'ended'));
        }
      }
      await Promise.all(ended);
      for (const code of await Promise.all(codes)) expect(['ended', 'forbidden']).toContain(code);
    },
  );
});

describe('routes', () => {
  /** By an account: a host and a moderator of this webinar, the same of none, and an owner. */
  const SIGNED_IN = [
    'owner by account',
    'host by account',
    'moderator by account',
    'host elsewhere',
    'moderator elsewhere',
  ] as const;
  type SignedIn = (typeof SIGNED_IN)[number];
  const isSignedIn = (asker: Asker): asker is SignedIn => SIGNED_IN.some((one) => one === asker);
  type Asker = 'none' | Member | 'owner' | SignedIn;
  const BY_LINK = ['none', ...MEMBERS, 'owner'] as const;
  const ASKERS: readonly Asker[] = [...BY_LINK, ...SIGNED_IN];
  interface Row {
    readonly may: readonly Exclude<Asker, SignedIn>[];
    /** Of those who are signed in; by default who has the role in this webinar by a link. */
    readonly signedIn?: readonly SignedIn[];
    /** What those get who may, where it is not the route's own. */
    readonly answer?: number;
    /** What one of this webinar's people gets where they may not; of `none` it is 401. */
    readonly otherwise: 403;
    /** What the crew of another webinar gets. */
    readonly foreign: number;
    readonly body?: Record<string, unknown>;
    /** What became of the webinar before it is asked for; nothing, where there is none. */
    readonly before?: readonly WebinarEvent[];
  }
  const RECORDED: readonly WebinarEvent[] = [
    { type: 'webinar.wentLive', channelId: 'channel-1', originUrl: 'http://origin.test' },
    { type: 'webinar.ended', recording: 'pending' },
    { type: 'webinar.recordingSettled', recorded: true },
  ];
  const STARTS: WebinarEvent = {
    type: 'plan.changed',
    fields: { start: { local: '2027-03-28T19:00', zone: 'Europe/Berlin' } },
    startsAtUnixMs: Date.UTC(2027, 2, 28, 17),
  };
  const OWNER = ['owner'] as const;
  const HOSTS = ['host', 'owner'] as const;
  const CREW = ['moderator', 'host', 'owner'] as const;
  const ANYONE = BY_LINK;
  const ROWS: { readonly [R in keyof typeof ROUTES]: Row } = {
    createWebinar: {
      may: OWNER,
      // Also who hosts another.
      signedIn: ['owner by account', 'host by account', 'host elsewhere'],
      otherwise: 403,
      foreign: 403,
      body: { title: 'T' },
    },
    // Of their own.
    listWebinars: { may: CREW, signedIn: SIGNED_IN, otherwise: 403, foreign: 200 },
    getWebinar: { may: CREW, otherwise: 403, foreign: 403 },
    quality: { may: CREW, otherwise: 403, foreign: 403 },
    qualityCsv: { may: CREW, otherwise: 403, foreign: 403 },
    // Names of everybody who came, and for how long, are no moderator's business.
    attendance: { may: HOSTS, otherwise: 403, foreign: 403 },
    participants: { may: HOSTS, otherwise: 403, foreign: 403 },
    eraseParticipant: { may: OWNER, otherwise: 403, foreign: 403 },
    participantsCsv: { may: HOSTS, otherwise: 403, foreign: 403 },
    cancelWebinar: { may: HOSTS, otherwise: 403, foreign: 403 },
    deleteRecording: { may: HOSTS, otherwise: 403, foreign: 403, before: RECORDED },
    createLink: { may: HOSTS, otherwise: 403, foreign: 403, body: { role: 'panelist', name: 'Eve' } },
    listLinks: { may: HOSTS, otherwise: 403, foreign: 403 },
    revokeLink: { may: HOSTS, otherwise: 403, foreign: 403 },
    revokeLinks: { may: OWNER, otherwise: 403, foreign: 403 },
    removePerson: { may: HOSTS, otherwise: 403, foreign: 403 },
    revokeOwnerLinks: { may: OWNER, otherwise: 403, foreign: 403 },
    // Somebody new, or a new name for an attendee.
    joinAsAttendee: {
      may: ['none', 'attendee', 'invited', 'guest'],
      otherwise: 403,
      foreign: 403,
      body: { name: 'Eve' },
      // A page of the audience asks without cookies: whoever is signed in comes as somebody new.
      signedIn: SIGNED_IN,
    },
    // The webinar of the table is open: they get an answer that sets nothing (media-right.test.ts has the private ones).
    mediaRight: { may: [...MEMBERS, 'owner'], otherwise: 403, foreign: 403 },
    readiness: { may: CREW, otherwise: 403, foreign: 403 },
    publicWebinar: { may: ANYONE, signedIn: SIGNED_IN, otherwise: 403, foreign: 200 },
    createApiToken: {
      may: OWNER,
      otherwise: 403,
      foreign: 403,
      body: { name: 'Calendar', scopes: ['webinars:read'] },
    },
    listApiTokens: { may: OWNER, otherwise: 403, foreign: 403 },
    revokeApiToken: { may: OWNER, otherwise: 403, foreign: 403 },
    inviteSpeaker: {
      ...{ may: HOSTS, otherwise: 403, foreign: 403 },
      body: { role: 'panelist', name: 'Pia', address: 'pia@example.org' },
    },
    listInvitations: { may: HOSTS, otherwise: 403, foreign: 403 },
    revokeInvitation: { may: HOSTS, otherwise: 403, foreign: 403 },
    duplicateWebinar: { may: OWNER, otherwise: 403, foreign: 403 },
    repeatWebinar: {
      ...{ may: OWNER, otherwise: 403, foreign: 403, before: [STARTS] },
      body: { every: 'week', count: 2 },
    },
    changeSeries: { may: OWNER, otherwise: 403, foreign: 403, body: { title: 'T' } },
    cancelSeries: { may: OWNER, otherwise: 403, foreign: 403 },
    // Names and addresses of everybody are no moderator's business.
    listRegistrations: { may: HOSTS, otherwise: 403, foreign: 403 },
    registrationsCsv: { may: HOSTS, otherwise: 403, foreign: 403 },
    addRegistration: {
      may: HOSTS,
      otherwise: 403,
      foreign: 403,
      body: { name: 'Eve', address: 'eve@example.org' },
    },
    answerRegistrations: {
      may: HOSTS,
      otherwise: 403,
      foreign: 403,
      body: { registrationIds: ['nobody'], answer: 'refuse' },
    },
    importRegistrations: {
      may: HOSTS,
      otherwise: 403,
      foreign: 403,
      body: { csv: 'name,email', mail: false, dryRun: true },
    },
    forgetRegistration: { may: HOSTS, otherwise: 403, foreign: 403 },
    listMails: { may: OWNER, otherwise: 403, foreign: 403 },
    getMail: { may: OWNER, otherwise: 403, foreign: 403 },
    sendMailAgain: { may: OWNER, otherwise: 403, foreign: 403, body: {} },
    getPasscode: { may: HOSTS, otherwise: 403, foreign: 403 },
    setPasscode: { may: HOSTS, otherwise: 403, foreign: 403, body: { passcode: 'open sesame' } },
    getPlan: { may: CREW, otherwise: 403, foreign: 403 },
    changePlan: { may: HOSTS, otherwise: 403, foreign: 403, body: { title: 'T' } },
    v1CreateWebinar: {
      ...{ may: OWNER, otherwise: 403, foreign: 403, body: { title: 'T' } },
      signedIn: ['owner by account', 'host by account', 'host elsewhere'],
    },
    v1ListWebinars: { may: CREW, signedIn: SIGNED_IN, otherwise: 403, foreign: 200 },
    v1GetWebinar: { may: CREW, otherwise: 403, foreign: 403 },
    v1CancelWebinar: { may: HOSTS, otherwise: 403, foreign: 403 },
    v1GetPlan: { may: CREW, otherwise: 403, foreign: 403 },
    v1ChangePlan: { may: HOSTS, otherwise: 403, foreign: 403, body: { title: 'T' } },
    v1GetRules: { may: CREW, otherwise: 403, foreign: 403 },
    v1ChangeRules: { may: CREW, otherwise: 403, foreign: 403, body: { mayUnmute: false } },
    v1ListParticipants: { may: CREW, otherwise: 403, foreign: 403 },
    v1MuteAll: { may: CREW, otherwise: 403, foreign: 403 },
    v1RemovePerson: { may: CREW, otherwise: 403, foreign: 403 },
    v1CreateLink: { may: HOSTS, otherwise: 403, foreign: 403, body: { role: 'panelist', name: 'Eve' } },
    v1ListLinks: { may: HOSTS, otherwise: 403, foreign: 403 },
    v1RevokeLink: { may: HOSTS, otherwise: 403, foreign: 403 },
    v1ListRecordings: { may: CREW, signedIn: SIGNED_IN, otherwise: 403, foreign: 200 },
    v1GetRecording: { may: CREW, otherwise: 403, foreign: 403 },
    v1ChangeRecording: {
      ...{ may: HOSTS, otherwise: 403, foreign: 403 },
      ...{ body: { published: false }, before: RECORDED },
    },
    v1DeleteRecording: { may: HOSTS, otherwise: 403, foreign: 403, before: RECORDED },
    createWebhook: {
      ...{ may: OWNER, otherwise: 403, foreign: 403 },
      body: { url: 'https://hooks.example.org/', events: ['webinar.live'] },
    },
    listWebhooks: { may: OWNER, otherwise: 403, foreign: 403 },
    getWebhook: { may: OWNER, otherwise: 403, foreign: 403 },
    changeWebhook: { may: OWNER, otherwise: 403, foreign: 403, body: { events: ['webinar.live'] } },
    deleteWebhook: { may: OWNER, otherwise: 403, foreign: 403 },
    rotateWebhookSecret: { may: OWNER, otherwise: 403, foreign: 403 },
    testWebhook: { may: OWNER, otherwise: 403, foreign: 403 },
    listWebhookDeliveries: { may: OWNER, otherwise: 403, foreign: 403 },
    replayWebhook: { may: OWNER, otherwise: 403, foreign: 403, body: { sinceUnixMs: 1_800_000_000_000 } },
    replayWebhookDelivery: { may: OWNER, otherwise: 403, foreign: 403 },
    v1Quality: { may: CREW, otherwise: 403, foreign: 403 },
    v1OpenDoors: { may: HOSTS, otherwise: 403, foreign: 403 },
    v1CloseDoors: { may: HOSTS, otherwise: 403, foreign: 403 },
    v1GoLive: { may: HOSTS, otherwise: 403, foreign: 403 },
    v1End: { may: HOSTS, otherwise: 403, foreign: 403, before: RECORDED.slice(0, 1) },
    v1KeepLive: { may: CREW, otherwise: 403, foreign: 403 },
    v1Mute: { may: CREW, otherwise: 403, foreign: 403 },
    v1Unmute: { may: CREW, otherwise: 403, foreign: 403 },
    v1SendOut: { may: CREW, otherwise: 403, foreign: 403 },
    v1ReturnGuest: { may: CREW, otherwise: 403, foreign: 403 },
    aboutProblem: { may: ANYONE, signedIn: SIGNED_IN, otherwise: 403, foreign: 200 },
    setUpOwner: {
      may: OWNER,
      signedIn: [],
      otherwise: 403,
      foreign: 403,
      body: { name: 'Ann', email: 'ann@example.org', password: 'correct horse battery' },
    },
    // Of nobody's address and password, whoever asks.
    signIn: {
      may: ANYONE,
      signedIn: SIGNED_IN,
      answer: 401,
      otherwise: 403,
      foreign: 401,
      body: { email: 'nobody@example.org', password: 'anything' },
    },
    listMembers: { may: OWNER, otherwise: 403, foreign: 403 },
    changeMember: { may: OWNER, otherwise: 403, foreign: 403, body: { role: 'moderator' } },
    removeMember: { may: OWNER, otherwise: 403, foreign: 403 },
    inviteMember: {
      may: OWNER,
      otherwise: 403,
      foreign: 403,
      body: { email: 'eve@example.org', role: 'host' },
    },
    withdrawInvitation: { may: OWNER, otherwise: 403, foreign: 403 },
    // By the secret of a link that was mailed: this one was not.
    lookAtInvitation: {
      ...{ may: ANYONE, signedIn: SIGNED_IN, answer: 404, otherwise: 403, foreign: 404 },
      body: { secret: 'x'.repeat(43) },
    },
    acceptInvitation: {
      ...{ may: ANYONE, signedIn: SIGNED_IN, answer: 404, otherwise: 403, foreign: 404 },
      body: { secret: 'x'.repeat(43), name: 'Eve', password: 'correct horse battery' },
    },
    useReset: {
      ...{ may: ANYONE, signedIn: SIGNED_IN, answer: 404, otherwise: 403, foreign: 404 },
      body: { secret: 'x'.repeat(43), password: 'correct horse battery' },
    },
    askForReset: {
      ...{ may: ANYONE, signedIn: SIGNED_IN, otherwise: 403, foreign: 200 },
      body: { email: 'nobody@example.org' },
    },
    listWebinarMembers: { may: HOSTS, otherwise: 403, foreign: 403 },
    assignMember: { may: HOSTS, otherwise: 403, foreign: 403, body: { here: 'moderator' } },
    audit: { may: OWNER, otherwise: 403, foreign: 403 },
    signOut: { may: [], signedIn: SIGNED_IN, otherwise: 403, foreign: 403 },
    ownAccount: { may: [], signedIn: SIGNED_IN, otherwise: 403, foreign: 403 },
    changeOwnAccount: { may: [], signedIn: SIGNED_IN, otherwise: 403, foreign: 403, body: { name: 'Eve' } },
    changePassword: {
      may: [],
      signedIn: SIGNED_IN,
      otherwise: 403,
      foreign: 403,
      body: { current: null, next: 'correct horse battery' },
    },
    listSessions: { may: [], signedIn: SIGNED_IN, otherwise: 403, foreign: 403 },
    endSession: { may: [], signedIn: SIGNED_IN, otherwise: 403, foreign: 403 },
    endOtherSessions: { may: [], signedIn: SIGNED_IN, otherwise: 403, foreign: 403 },
    viewerMeasurements: {
      may: ANYONE,
      signedIn: SIGNED_IN,
      otherwise: 403,
      foreign: 200,
      body: { v: 1, rendition: 'other', played: 0, stalls: 0, bsd: 0 },
    },
  };
  const names = Object.keys(ROUTES) as (keyof typeof ROUTES)[];
  const answerOf = (name: keyof typeof ROUTES): number => ROWS[name].answer ?? ROUTES[name].status;
  const may = (name: keyof typeof ROUTES, asker: Asker): boolean => {
    const { may: byLink, signedIn } = ROWS[name];
    if (!isSignedIn(asker)) return byLink.includes(asker);
    if (signedIn) return signedIn.includes(asker);
    return !asker.endsWith('elsewhere') && byLink.some((one) => one === asker.split(' ', 1)[0]);
  };

  interface Answer {
    readonly status: number;
    readonly body: string;
  }
  async function ask(
    name: keyof typeof ROUTES,
    webinarId: string,
    token: string | null,
    {
      linkId = linkOf('panelist'),
      personId = personOf('panelist'),
      sessionId = 'session-1',
      cookie = null as string | null,
    } = {},
  ): Promise<Answer> {
    const { method, path } = ROUTES[name] as Route;
    const { body } = ROWS[name];
    const response = await fetch(
      `${house.url}${path
        .replace(':id', webinarId)
        .replace(':linkId', linkId)
        .replace(':personId', personId)
        .replace(':sessionId', sessionId)
        .replace(':accountId', path.includes(':accountId') ? (await house.account('host')).accountId : '')
        .replace(':invitationId', path.includes(':invitationId') ? await anInvitation() : '')
        .replace(':registrationId', 'registration-1')
        .replace(':tokenId', tokenId)
        .replace(':webhookId', await aWebhook(path))
        .replace(':messageId', 'msg_1')
        .replace(':mailId', await aMail(path))
        .replace(':code', 'not-found')}`,
      {
        method: method.toUpperCase(),
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(cookie === null ? {} : { cookie }),
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      },
    );
    return { status: response.status, body: await response.text() };
  }
  const anInvitation = async (): Promise<string> => {
    const made = await ask('inviteMember', '', await ownerToken());
    return (JSON.parse(made.body) as { invitation: { invitationId: string } }).invitation.invitationId;
  };
  const askAs = async (name: keyof typeof ROUTES, asker: Asker, webinarId: string): Promise<Answer> => {
    if (isSignedIn(asker)) {
      const role = asker.split(' ', 1)[0] as AccountRole;
      const here = role === 'owner' || asker.endsWith('elsewhere') ? null : role;
      return ask(name, webinarId, null, await house.account(role, { webinarId, here }));
    }
    if (asker === 'none') return ask(name, webinarId, null);
    return ask(name, webinarId, asker === 'owner' ? await ownerToken() : await sign(webinarId, asker));
  };

  test('each has a row, and none is served that is not in the table of routes', () => {
    expect(Object.keys(ROWS).sort()).toEqual([...names].sort());
    const parts = { rates: API_RATES, limits: LIMITS, metrics: createMetrics(), clock: systemClock };
    const areas = [
      webinarArea,
      readinessArea,
      reportArea,
      tokenArea,
      passcodeArea,
      planArea,
      invitationArea,
      seriesArea,
      registrationArea,
      v1Area,
      webhookArea,
      mailArea,
    ].map((area) => area(parts as never));
    areas.push(...[accountArea, memberArea].map((area) => area({ rates: LIMITS.signIn } as never)));
    const app = createApi({ ...parts, areas } as unknown as Parameters<typeof createApi>[0]);
    const served = new Set(
      app.routes
        .filter(({ method }) => method !== 'ALL' && method !== 'OPTIONS')
        .map(({ method, path }) => `${method} ${path}`),
    );
    const known = (Object.values(ROUTES) as Route[]).map(
      ({ method, path }) => `${method.toUpperCase()} ${path}`,
    );
    expect([...served].sort()).toEqual([...known, 'GET /api/openapi.json', 'GET /healthz'].sort());
  });

  test.each(names)('%s', async (name) => {
    const { otherwise } = ROWS[name];
    const told: [Asker, number][] = [];
    for (const asker of ASKERS) {
      const webinarId = await goodWebinar();
      await log(webinarId, ...(ROWS[name].before ?? []));
      told.push([asker, (await askAs(name, asker, webinarId)).status]);
    }
    expect(told).toEqual(
      ASKERS.map((asker) => [asker, may(name, asker) ? answerOf(name) : asker === 'none' ? 401 : otherwise]),
    );
  });

  test.each(BAD_STATES)('a token that is %s is nobody’s, at every route that looks at it', async (state) => {
    const webinarId = await goodWebinar();
    await spoil(webinarId, state);
    for (const name of names) {
      for (const member of MEMBERS) {
        const { status } = await ask(name, webinarId, await sign(webinarId, member, state === 'expired'));
        const looks = (ROUTES[name] as Route).bearer !== false;
        expect([name, member, status]).toEqual([name, member, looks ? 401 : answerOf(name)]);
      }
    }
  });

  test('the owner’s token is nobody’s once it is taken back or expired', async () => {
    const webinarId = await goodWebinar();
    const revoked = await ownerToken();
    const generation = await house.store.installation.ownerGeneration();
    const expired = await signLink(
      { linkId: 'link-1', generation, webinarId: '*', personId: 'owner', role: 'owner', name: 'Owner' },
      SECRET,
      Date.now() - HOUR_MS,
    );
    expect((await ask('revokeOwnerLinks', webinarId, revoked)).status).toBe(200);
    for (const token of [revoked, expired]) {
      for (const name of names.filter((n) => (ROUTES[n] as Route).bearer !== false)) {
        expect([name, (await ask(name, webinarId, token)).status]).toEqual([name, 401]);
      }
    }
  });

  test('people of another webinar have no right here, and nobody without one learns whether it or its link is there', async () => {
    const [webinarId, other] = [await goodWebinar(), await goodWebinar()];
    for (const name of names.filter((n) => (ROUTES[n] as Route).bearer !== false)) {
      for (const member of MEMBERS) {
        const token = await sign(other, member);
        const [here, nowhere, noLink] = [
          await ask(name, webinarId, token),
          await ask(name, 'no-such-webinar', token),
          await ask(name, webinarId, token, { linkId: 'no-such-link', personId: 'no-such-person' }),
        ];
        if (member === 'moderator' || member === 'host')
          expect([name, here.status]).toEqual([name, ROWS[name].foreign]);
        expect([name, member, nowhere]).toEqual([name, member, here]);
        expect([name, member, noLink]).toEqual([name, member, here]);
      }
      if (name !== 'joinAsAttendee') {
        expect(await ask(name, 'no-such-webinar', null)).toEqual(await ask(name, webinarId, null));
      }
      expect(await ask(name, 'no-such-webinar', 'none')).toEqual(await ask(name, webinarId, 'none'));
    }
    // Nothing of it was done.
    const summary = await ask('getWebinar', webinarId, await ownerToken());
    expect(JSON.parse(summary.body)).toMatchObject({ phase: 'scheduled' });
  });
});
