/** Webhooks as who is told meets them: real servers, a real database, and the sender between. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { LinkClaims, WebinarEvent } from '@rostrum/contracts';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { Cursors } from '../http/v1/cursors.ts';
import { randomIds, systemClock } from '../ports.ts';
import { FencedError, type Store } from '../store/index.ts';
import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import { guardedLookup } from './addresses.ts';
import { deliver } from './delivery.ts';
import { webhookConsequence } from './messages.ts';
import { DAY_MS } from './schedule.ts';
import { LEASE_MS, WebhookSender } from './sender.ts';
import { WebhookService } from './service.ts';

const OWNER: LinkClaims = {
  ...{ linkId: 'link-1', generation: 0, webinarId: '*', personId: 'owner', role: 'owner', name: 'Owner' },
};
const CREATED: Extract<WebinarEvent, { type: 'webinar.created' }> = {
  ...{ type: 'webinar.created', title: 'Town hall', startsAtUnixMs: null, profile: 'standard' },
};
const logger = pino({ level: 'silent' });

interface Told {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Somebody who is told. */
async function startReceiver() {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      told.push({ headers: request.headers, body });
      receiver.answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver = {
    told,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    answer: (_request: IncomingMessage, response: ServerResponse): void => void response.writeHead(204).end(),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
  return receiver;
}
type Receiver = Awaited<ReturnType<typeof startReceiver>>;

describe.each(['sqlite', 'postgres'] as const)('webhooks on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let store: Store;
  let receiver: Receiver;
  let aheadMs = 0;
  const clock = { nowMs: systemClock.nowMs, nowUnixMs: () => Date.now() + aheadMs };
  const senderOver = (of: Store, deadlineMs = 2000) =>
    new WebhookSender({
      ...{ webhooks: of.webhooks, clock, logger, random: () => 0.5 },
      deliver: (message) =>
        deliver(message, { lookup: guardedLookup(true), allowLoopback: true, deadlineMs }),
    });
  const serviceOver = (of: Store, allowLoopback = true) =>
    new WebhookService({
      ...{ store: of, clock, ids: randomIds, allowLoopback, wake: () => undefined },
      cursors: new Cursors('a secret'),
    });
  const hook = (url = receiver.url, events: ('webinar.created' | 'webinar.live')[] = ['webinar.created']) =>
    serviceOver(store).create(OWNER, { url, description: '', events }, null);
  const create = (webinarId: string): Promise<void> =>
    store.events.create(webinarId, { atUnixMs: clock.nowUnixMs(), event: CREATED });

  beforeEach(async () => {
    aheadMs = 0;
    place = placeOfTest();
    store = await place.open();
    store.follow(webhookConsequence(store.webhooks));
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await receiver.stop();
    await store.close();
  });

  test('tell what happened, signed so that a library of others reads it, once', async () => {
    const { secret, webhookId } = await hook();
    await create('webinar-1');
    const sender = senderOver(store);
    await sender.settled();
    await sender.settled();
    expect(receiver.told).toHaveLength(1);
    const [{ headers, body }] = receiver.told as [Told];
    const read = new Webhook(secret).verify(body, headers as Record<string, string>);
    expect(read).toMatchObject({
      type: 'webinar.created',
      data: { webinarId: 'webinar-1', title: 'Town hall', startsAtUnixMs: null },
    });
    expect(headers).toMatchObject({ 'webhook-id': 'msg_webinar-1_1', 'content-type': 'application/json' });
    const other = new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`);
    expect(() => other.verify(body, headers as Record<string, string>)).toThrow();
    expect((await serviceOver(store).deliveries(OWNER, webhookId, { limit: 10 })).deliveries).toMatchObject([
      {
        messageId: 'msg_webinar-1_1',
        state: 'delivered',
        attempts: 1,
        outcome: 'HTTP 204',
        nextUnixMs: null,
      },
    ]);
  });

  test('are durable with what they tell of, or neither is; whoever is not told its kind hears nothing', async () => {
    await hook(receiver.url, ['webinar.live']);
    await create('webinar-1');
    const claim = await store.events.claim('webinar-1');
    const live: WebinarEvent = {
      type: 'webinar.wentLive',
      channelId: 'webinar-1',
      originUrl: 'http://o.test',
    };
    const append = {
      ...{ webinarId: 'webinar-1', epoch: claim?.epoch ?? 0, expectedSeq: 1 },
      events: [{ atUnixMs: clock.nowUnixMs(), event: live }],
    };
    await expect(store.events.append({ ...append, epoch: 0 })).rejects.toThrow(FencedError);
    await senderOver(store).settled();
    expect(receiver.told).toEqual([]);
    await store.events.append(append);
    await senderOver(store).settled();
    expect(receiver.told.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'webinar.live', data: { webinarId: 'webinar-1' } },
    ]);
  });

  test('tell of a plan that is edited while somebody types once a minute', async () => {
    const { webhookId } = await serviceOver(store).create(
      OWNER,
      { url: receiver.url, description: '', events: ['webinar.changed'] },
      null,
    );
    await create('webinar-1');
    const { epoch = 0 } = (await store.events.claim('webinar-1')) ?? {};
    const minute = Math.ceil(clock.nowUnixMs() / 60_000) * 60_000;
    for (const [i, atUnixMs] of [minute, minute + 500, minute + 59_999, minute + 60_000].entries()) {
      const event: WebinarEvent = { type: 'plan.changed', fields: { lengthMinutes: 30 + i } };
      const append = { webinarId: 'webinar-1', epoch, expectedSeq: 1 + i, events: [{ atUnixMs, event }] };
      await store.events.append(append);
    }
    const due = (await store.webhooks.deliveries(webhookId, 10, null)).map((d) => d.nextUnixMs - minute);
    expect(due.toSorted((a, b) => a - b)).toEqual([60_000, 120_000]);
    aheadMs = minute + 60_000 - Date.now();
    await senderOver(store).settled();
    expect(receiver.told.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'webinar.changed', data: { webinarId: 'webinar-1' } },
    ]);
  });

  test('that fail are sent again, later each time, and no more after about a day', async () => {
    const { webhookId } = await hook();
    await create('webinar-1');
    receiver.answer = (_request, response) => void response.writeHead(500).end('no');
    const sender = senderOver(store);
    const waits: number[] = [];
    for (;;) {
      await sender.settled();
      const [delivery] = (await serviceOver(store).deliveries(OWNER, webhookId, { limit: 10 })).deliveries;
      if (delivery?.nextUnixMs == null) break;
      waits.push(delivery.nextUnixMs - clock.nowUnixMs());
      aheadMs += waits.at(-1) as number;
    }
    expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
    expect(aheadMs).toBeGreaterThan(0.9 * DAY_MS);
    expect(aheadMs).toBeLessThan(1.3 * DAY_MS);
    expect(receiver.told).toHaveLength(waits.length + 1);
    const ids = new Set(receiver.told.map(({ headers }) => headers['webhook-id']));
    expect(ids.size).toBe(1);
    // Mended, and everything since then is asked for again.
    receiver.answer = (_request, response) => void response.writeHead(200).end();
    const again = await serviceOver(store).replay(OWNER, webhookId, {
      sinceUnixMs: clock.nowUnixMs() - 3 * DAY_MS,
    });
    expect(again).toEqual({ replayed: 1 });
    await sender.settled();
    const { deliveries } = await serviceOver(store).deliveries(OWNER, webhookId, { limit: 10 });
    expect(deliveries).toMatchObject([{ state: 'delivered', attempts: 1 }]);
    expect((await serviceOver(store).get(OWNER, webhookId)).failingSinceUnixMs).toBeNull();
  });

  test('wait as long as they are asked to', async () => {
    const { webhookId } = await hook();
    await create('webinar-1');
    receiver.answer = (_request, response) => void response.writeHead(429, { 'retry-after': '600' }).end();
    await senderOver(store).settled();
    const [delivery] = (await serviceOver(store).deliveries(OWNER, webhookId, { limit: 10 })).deliveries;
    expect((delivery?.nextUnixMs ?? 0) - clock.nowUnixMs()).toBeGreaterThan(590_000);
  });

  test('are turned off after days of failure, and at once where they are gone; turned on again they go on', async () => {
    const [failing, gone] = [await hook(), await hook(receiver.url.replace('hooks', 'gone'))];
    receiver.answer = (request, response) =>
      void response.writeHead(request.url === '/gone' ? 410 : 500).end();
    await create('webinar-1');
    const sender = senderOver(store);
    await sender.settled();
    const service = serviceOver(store);
    expect(await service.get(OWNER, gone.webhookId)).toMatchObject({ enabled: false, disabledFor: 'gone' });
    expect(await service.get(OWNER, failing.webhookId)).toMatchObject({ enabled: true, disabledFor: null });
    aheadMs = 5 * DAY_MS + 60_000;
    await create('webinar-2');
    await sender.settled();
    expect(await service.get(OWNER, failing.webhookId)).toMatchObject({
      enabled: false,
      disabledFor: 'failing',
    });
    const sent = receiver.told.length;
    await create('webinar-3');
    await sender.settled();
    expect(receiver.told).toHaveLength(sent);
    receiver.answer = (_request, response) => void response.writeHead(204).end();
    await service.change(OWNER, failing.webhookId, { enabled: true });
    aheadMs += DAY_MS;
    await sender.settled();
    const told = receiver.told.slice(sent).map(({ headers }) => headers['webhook-id']);
    expect(told.toSorted()).toEqual(['msg_webinar-1_1', 'msg_webinar-2_1']);
  });

  test('are signed with the old secret too for a day after a new one is made', async () => {
    const { secret, webhookId } = await hook();
    const service = serviceOver(store);
    const { secret: next } = await service.rotate(OWNER, webhookId);
    await create('webinar-1');
    await senderOver(store).settled();
    aheadMs = DAY_MS + 1000;
    expect(await service.get(OWNER, webhookId)).toMatchObject({ secrets: 1 });
    await create('webinar-2');
    await senderOver(store).settled();
    const signatures = receiver.told.map(({ headers, body }) =>
      [secret, next].map((one) => {
        const at = new Date(Number(headers['webhook-timestamp']) * 1000);
        const expected = new Webhook(one).sign(String(headers['webhook-id']), at, body);
        return String(headers['webhook-signature']).split(' ').includes(expected);
      }),
    );
    expect(signatures).toEqual([
      [true, true],
      [false, true],
    ]);
  });

  test('of a process that died while it sent are sent by another, once its lease is over', async () => {
    await hook();
    await create('webinar-1');
    const nowUnixMs = clock.nowUnixMs();
    const [webhookId = ''] = await store.webhooks.due(nowUnixMs, 10);
    const lost = await store.webhooks.lease(webhookId, nowUnixMs, nowUnixMs + LEASE_MS);
    expect(lost?.messageId).toBe('msg_webinar-1_1');
    await senderOver(store).settled();
    expect(receiver.told).toHaveLength(0);
    aheadMs = LEASE_MS + 1000;
    await senderOver(store).settled();
    expect(receiver.told).toHaveLength(1);
    // The first one comes back, and changes nothing any more.
    if (lost) await store.webhooks.settle(lost, { state: 'failed', nextUnixMs: nowUnixMs, outcome: 'late' });
    const { deliveries } = await serviceOver(store).deliveries(OWNER, webhookId, { limit: 10 });
    expect(deliveries).toMatchObject([{ state: 'delivered', attempts: 2 }]);
  });

  test('one that does not answer keeps no other waiting', async () => {
    const slow = await startReceiver();
    slow.answer = () => undefined;
    await hook(slow.url);
    await hook();
    await create('webinar-1');
    const sender = senderOver(store, 700);
    await sender.look();
    while (receiver.told.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await sender.settled();
    const outcomes = await Promise.all(
      (await store.webhooks.list(10)).map(
        async ({ webhookId }) => (await store.webhooks.deliveries(webhookId, 10, null))[0]?.outcome,
      ),
    );
    expect(outcomes.toSorted()).toEqual(['HTTP 204', 'timeout']);
    await slow.stop();
  });

  test('the list of what one was told is walked by its cursors; a test is sent when asked for', async () => {
    const { webhookId } = await hook();
    for (let i = 0; i < 5; i += 1) await create(`webinar-${i}`);
    const service = serviceOver(store);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: { limit: number; cursor?: string } = cursor === null ? { limit: 2 } : { limit: 2, cursor };
      const page = await service.deliveries(OWNER, webhookId, query);
      seen.push(...page.deliveries.map(({ messageId }) => messageId));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen.toSorted()).toEqual(Array.from({ length: 5 }, (_, i) => `msg_webinar-${i}_1`));
    const { messageId } = await service.test(OWNER, webhookId);
    await senderOver(store).settled();
    expect(receiver.told.map(({ headers }) => headers['webhook-id'])).toContain(messageId);
    await expect(service.replay(OWNER, webhookId, { messageId: 'msg_none' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await service.remove(OWNER, webhookId);
    await create('webinar-last');
    await senderOver(store).settled();
    expect(receiver.told).toHaveLength(6);
  });

  test('no address is taken that leads inside, or is not https', async () => {
    for (const url of [
      'http://hooks.example.org/',
      'https://10.0.0.1/',
      receiver.url,
      'https://localhost:1/',
    ]) {
      const made = serviceOver(store, false).create(
        OWNER,
        { url, description: '', events: ['webinar.live'] },
        null,
      );
      if (url === 'https://localhost:1/') {
        // A name is looked at when it is connected to.
        await made;
        continue;
      }
      await expect(made).rejects.toMatchObject({ code: 'bad-input', field: 'url' });
    }
  });
});

describe('a delivery', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.stop());
  const send = (url: string, { allowLoopback = true, address = '127.0.0.1', deadlineMs = 2000 } = {}) =>
    deliver(
      { url, headers: {}, body: '{}' },
      {
        ...{ allowLoopback, deadlineMs },
        lookup: guardedLookup(allowLoopback, (_host, answer) => answer(null, [{ address, family: 4 }])),
      },
    );

  test('goes to no address that a name leads to inside, and none of its bytes leave', async () => {
    const port = new URL(receiver.url).port;
    const named = `https://hooks.example.org:${port}/`;
    for (const address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '100.64.0.1']) {
      expect(await send(named, { allowLoopback: false, address })).toEqual({
        kind: 'unreached',
        reason: 'address-refused',
      });
    }
    expect(await send(receiver.url, { allowLoopback: false })).toMatchObject({ reason: 'address-refused' });
    expect(receiver.told).toEqual([]);
  });

  test('follows no redirect', async () => {
    const other = await startReceiver();
    receiver.answer = (_request, response) => void response.writeHead(307, { location: other.url }).end();
    expect(await send(receiver.url)).toEqual({ kind: 'refused', status: 307, retryAfterMs: null });
    expect(other.told).toEqual([]);
    await other.stop();
  });

  test('reads no more of an answer than is enough, and waits no longer than is bearable', async () => {
    let written = 0;
    receiver.answer = (_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && written < 64 * 1024 * 1024) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536))) {
            response.once('drain', more);
            return;
          }
        }
      };
      more();
    };
    expect(await send(receiver.url)).toEqual({ kind: 'delivered', status: 200 });
    expect(written).toBeLessThan(32 * 1024 * 1024);
    receiver.answer = (_request, response) => void response.writeHead(200).write('…');
    expect(await send(receiver.url, { deadlineMs: 100 })).toMatchObject({ kind: 'unreached' });
    receiver.answer = () => undefined;
    expect(await send(receiver.url, { deadlineMs: 100 })).toEqual({ kind: 'unreached', reason: 'timeout' });
  });

  test('says why nobody was reached', async () => {
    const { url } = receiver;
    await receiver.stop();
    expect(await send(url)).toEqual({ kind: 'unreached', reason: 'ECONNREFUSED' });
    receiver = await startReceiver();
  });
});
