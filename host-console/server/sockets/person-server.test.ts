import {
  type CommandInput,
  type PersonCommand,
  PROTOCOL_VERSION,
  personCommands,
  Role,
  signLink,
} from '@rostrum/contracts';
import fc from 'fast-check';
import { API_RATES } from '../http/desk.ts';
import { LIMITS } from '../identity/limits.ts';
import { type Client, type House, openHouse, SECRET, tokenOf, until } from '../testing/house.ts';
import { FINE_REPORT } from '../testing/quality-report.ts';
import { COMMAND_RATES } from './person-server.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
});
afterEach(async () => {
  await house.close();
});

const refusalOf = async (auth: Record<string, unknown>): Promise<string> => {
  const client = house.client(auth);
  try {
    await client.synced();
    return 'admitted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** One valid input of every command. */
const VALID: { [C in PersonCommand]: CommandInput<C> } = {
  'webinar:goLive': {},
  'webinar:end': {},
  'webinar:keepLive': {},
  'doors:open': {},
  'doors:close': {},
  'doors:rule': { bed: true },
  'air:set': { personId: 'panelist-1', onAir: true },
  'scene:update': { layout: 'grid' },
  'direction:set': { direction: 'automatic' },
  'person:mute': { personId: 'panelist-1' },
  'person:unmute': { personId: 'panelist-1' },
  'person:unmuteSelf': {},
  'unmuting:set': { mayUnmute: false },
  'tracks:set': { record: true },
  'consent:answer': { to: 'recording', given: true, textVersion: 1 },
  'person:sendOut': { personId: 'panelist-1' },
  'person:remove': { personId: 'panelist-1' },
  'question:ask': { questionId: 'question-1', text: 'Why?' },
  'question:vote': { questionId: 'question-1', vote: true },
  'question:answerLive': { questionId: 'question-1' },
  'question:answer': { questionId: 'question-1', answer: 'So.' },
  'moderation:set': { moderation: 'moderated' },
  'question:approve': { questionId: 'question-1' },
  'question:dismiss': { questionId: 'question-1' },
  'hand:raise': {},
  'hand:lower': {},
  'hand:accept': { personId: 'attendee-9' },
  'hand:decline': { personId: 'attendee-9' },
  'guest:return': { personId: 'attendee-9' },
  'guest:leave': {},
  'recording:mark': { markId: 'mark-1', title: 'A mark' },
  'recording:renameMark': { markId: 'mark-1', title: 'Another' },
  'recording:removeMark': { markId: 'mark-1' },
  'recording:setCuts': { cuts: [{ fromUnixMs: 1_800_000_000_000, toUnixMs: 1_800_000_001_000 }] },
  'recording:publish': { published: false },
  'recording:wantDownloads': { renditions: ['hi'] },
  'backstage:say': { messageId: 'message-1', text: 'A word' },
  'backstage:unsay': { messageId: 'message-1' },
  'backstage:order': { personIds: ['panelist-1'] },
  'backstage:countdown': { airsAtUnixMs: 1_800_000_000_000 },
  'backstage:close': {},
  'media:prepare': {},
  'media:join': {},
  'media:leave': {},
  'media:createTransport': { direction: 'send' },
  'media:connectTransport': { transportId: 'transport-1', dtlsParameters: {} },
  'media:restartIce': { transportId: 'transport-1' },
  'media:produce': { transportId: 'transport-1', kind: 'audio', source: 'mic', rtpParameters: {} },
  'media:pauseProducer': { producerId: 'producer-1', paused: true },
  'media:closeProducer': { producerId: 'producer-1' },
  'media:consume': { transportId: 'transport-1', producerId: 'producer-1', rtpCapabilities: {} },
  'media:updateConsumer': { consumerId: 'consumer-1', paused: false },
  'media:closeConsumer': { consumerId: 'consumer-1' },
  'media:quality': FINE_REPORT,
};
const AGREED = { to: 'recording', given: true, textVersion: 1 } as const;
const COMMANDS = Object.keys(VALID) as PersonCommand[];

describe('the handshake', () => {
  test('refuses with the code that says why', async () => {
    const webinarId = await house.webinar();
    const token = await tokenOf(webinarId, 'host', 'person-1');
    const link = { linkId: 'link-1', generation: 0 };
    const claims = { ...link, webinarId, personId: 'person-1', role: 'host', name: 'N' } as const;
    const owner = { ...link, webinarId: '*', personId: 'owner', role: 'owner', name: 'Owner' } as const;
    const inAnHour = Date.now() + 3_600_000;
    expect(await refusalOf({ protocol: PROTOCOL_VERSION + 1, token })).toBe('protocol-mismatch');
    expect(await refusalOf({ protocol: 'x', token })).toBe('protocol-mismatch');
    expect(await refusalOf({ token: 'x' })).toBe('token-invalid');
    expect(await refusalOf({ token: 7 })).toBe('token-invalid');
    expect(await refusalOf({ token: 'x'.repeat(5000) })).toBe('token-invalid');
    expect(await refusalOf({ token, lastSeq: -1 })).toBe('token-invalid');
    expect(await refusalOf({ token: await signLink(claims, `${SECRET} no`, inAnHour) })).toBe(
      'token-invalid',
    );
    expect(await refusalOf({ token: await signLink(claims, SECRET, Date.now() - 5000) })).toBe(
      'token-expired',
    );
    expect(await refusalOf({ token: await tokenOf('nowhere', 'host', 'person-1') })).toBe('webinar-unknown');
    expect(await refusalOf({ token: await signLink(owner, SECRET, inAnHour) })).toBe('webinar-unknown');
    expect(await refusalOf({ token })).toBe('admitted');
  });

  test('refuses while the log cannot be read, and admits once it can', async () => {
    const webinarId = await house.webinar();
    const { claim } = house.store.events;
    house.store.events.claim = () => Promise.reject(new Error('disk gone'));
    const token = await tokenOf(webinarId, 'attendee', 'person-1');
    expect(await refusalOf({ token })).toBe('unavailable');
    house.store.events.claim = claim;
    expect(await refusalOf({ token })).toBe('admitted');
  });

  test('someone who was removed is disconnected, and refused from then on', async () => {
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host');
    const panelist = await house.enter(webinarId, 'panelist', 'panelist-1');
    const gone = new Promise((resolve) => panelist.socket.once('disconnect', resolve));
    await host.must('person:remove', { personId: 'panelist-1' });
    expect(await gone).toBe('io server disconnect');
    expect(house.mediaPlane.of('dismiss')).toEqual([[webinarId, 'panelist-1', 'removed']]);
    expect(await refusalOf({ token: await tokenOf(webinarId, 'panelist', 'panelist-1') })).toBe('removed');
    expect(host.view?.people.map((p) => p.role)).toEqual(['host']);
  });

  test('one person connecting without end is refused after a while, others are not', async () => {
    await house.close();
    const connect = { burst: 3, perSecond: 0.001 };
    const many = { burst: 1000, perSecond: 1000 };
    house = await openHouse({ commandRates: { stage: many, audience: many, connect, refused: connect } });
    const webinarId = await house.webinar();
    const token = await tokenOf(webinarId, 'attendee', 'person-1');
    const seen = [];
    for (let i = 0; i < 4; i += 1) seen.push(await refusalOf({ token }));
    expect(seen).toEqual(['admitted', 'admitted', 'admitted', 'rate-limited']);
    expect(await refusalOf({ token: await tokenOf(webinarId, 'attendee', 'person-2') })).toBe('admitted');
    const bad = [];
    for (let i = 0; i < 4; i += 1) bad.push(await refusalOf({ token: 'garbage' }));
    expect(bad).toEqual(['token-invalid', 'token-invalid', 'token-invalid', 'rate-limited']);
  });
});

describe('authorisation', () => {
  test.each(COMMANDS)('%s is for the roles of the table and nobody else', async (command) => {
    const allowed: readonly Role[] = personCommands[command].roles;
    for (const role of Role.exclude(['owner']).options) {
      // A webinar each, so that no command meets what another left behind.
      const webinarId = await house.webinar();
      const client = await house.enter(webinarId, role);
      const code = await client.code(command, VALID[command]);
      if (allowed.includes(role)) expect(code).not.toBe('forbidden');
      else expect([role, code]).toEqual([role, 'forbidden']);
    }
  });

  test('a guest may use the stage while they are one, and not before or after', async () => {
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host');
    const ada = await house.enter(webinarId, 'attendee', 'attendee-1');
    expect(await ada.code('media:join', {})).toBe('forbidden');
    await ada.must('hand:raise', {});
    expect(await ada.code('media:join', {})).toBe('forbidden');
    await host.must('hand:accept', { personId: 'attendee-1' });
    expect(await ada.code('media:join', {})).toBe('ok');
    expect(await ada.code('air:set', VALID['air:set'])).toBe('forbidden');
    await ada.must('guest:leave', {});
    expect(await ada.code('media:join', {})).toBe('forbidden');
    expect(house.mediaPlane.of('dismiss')).toEqual([[webinarId, 'attendee-1', 'returned']]);
  });

  test('a link that expires while its bearer is connected gives no more commands', async () => {
    const webinarId = await house.webinar();
    const link = { linkId: 'link-1', generation: 0 };
    const claims = { ...link, webinarId, personId: 'person-1', role: 'host', name: 'N' } as const;
    const token = await signLink(claims, SECRET, Date.now() + 2000);
    const client = house.client({ token });
    await client.synced();
    for (let code = 'ok'; code !== 'unauthenticated'; ) {
      code = await client.code('direction:set', { direction: 'manual' });
      expect(['ok', 'unauthenticated']).toContain(code);
    }
  });
});

describe('commands', () => {
  let webinarId: string;
  let host: Client;
  let panelist: Client;
  let ada: Client;
  let ben: Client;
  beforeEach(async () => {
    webinarId = await house.webinar();
    host = await house.enter(webinarId, 'host', 'host-1');
    panelist = await house.enter(webinarId, 'panelist', 'panelist-1');
    ada = await house.enter(webinarId, 'attendee', 'attendee-1');
    ben = await house.enter(webinarId, 'attendee', 'attendee-2');
  });

  test('a question goes its way from asked to answered, with its votes, before everyone’s eyes', async () => {
    await ada.must('question:ask', { questionId: 'question-1', text: 'Why?' });
    await ada.must('question:ask', { questionId: 'question-1', text: 'Why?' });
    await until(() => ben.view?.questions.length === 1);
    await ben.must('question:vote', { questionId: 'question-1', vote: true });
    await ben.must('question:vote', { questionId: 'question-1', vote: true });
    await host.must('question:answerLive', { questionId: 'question-1' });
    await host.must('question:answer', { questionId: 'question-1', answer: 'So.' });
    const common = { status: 'answered', answer: 'So.', votes: 1, name: 'Name of attendee-1' };
    await until(() => ada.view?.questions[0]?.status === 'answered');
    await until(() => ben.view?.questions[0]?.status === 'answered');
    expect(host.view?.questions).toMatchObject([{ ...common, mine: false, voted: false }]);
    expect(ada.view?.questions).toMatchObject([{ ...common, mine: true, voted: false }]);
    expect(ben.view?.questions).toMatchObject([{ ...common, mine: false, voted: true }]);
    await ben.must('question:vote', { questionId: 'question-1', vote: false });
    await until(() => host.view?.questions[0]?.votes === 0 && ben.view?.questions[0]?.voted === false);
  });

  test('a dismissed question is gone for the audience and dismissed for who asked', async () => {
    await ada.must('question:ask', { questionId: 'question-1', text: 'Why?' });
    await until(() => ben.view?.questions.length === 1);
    await host.must('question:dismiss', { questionId: 'question-1' });
    await until(() => ben.view?.questions.length === 0);
    await until(() => ada.view?.questions[0]?.status === 'dismissed');
    expect(await ben.code('question:vote', { questionId: 'question-1', vote: true })).toBe('conflict');
  });

  test('a hand goes up, is accepted, comes to the stage and goes back; another is declined', async () => {
    await ada.must('hand:raise', {});
    await ada.must('hand:raise', {});
    await ben.must('hand:raise', {});
    expect(host.view?.hands.map((h) => h.personId)).toEqual(['attendee-1', 'attendee-2']);
    await host.must('hand:decline', { personId: 'attendee-2' });
    await until(() => ben.view?.self.hand === 'declined');
    await host.must('hand:accept', { personId: 'attendee-1' });
    await until(() => ada.view?.self.guest);
    expect(ada.view).toMatchObject({ self: { hand: 'accepted' }, scene: host.view?.scene });
    expect(ada.view?.people.map((p) => p.personId)).toEqual(['host-1', 'panelist-1', 'attendee-1']);
    expect(await host.code('air:set', { personId: 'attendee-1', onAir: true })).toBe('no-consent');
    await ada.must('consent:answer', AGREED);
    await host.must('air:set', { personId: 'attendee-1', onAir: true });
    await until(() => ada.view?.scene?.onAir.length === 1);
    await host.must('guest:return', { personId: 'attendee-1' });
    await until(() => ada.view?.self.hand === 'down');
    expect(ada.view).toMatchObject({ people: [], scene: null });
    await until(() => panelist.view?.people.length === 2);
    expect(host.view?.scene?.onAir).toEqual([]);
    await ben.must('hand:raise', {});
    await ben.must('hand:lower', {});
    expect(host.view?.hands).toEqual([]);
  });

  test('the crew directs, and the stage sees it', async () => {
    await panelist.must('consent:answer', AGREED);
    await host.must('air:set', { personId: 'panelist-1', onAir: true });
    await host.must('scene:update', {
      layout: 'spotlight',
      focus: 'panelist-1',
      lowerThird: { title: 'Pia' },
    });
    await host.must('direction:set', { direction: 'automatic' });
    await until(() => panelist.view?.direction === 'automatic');
    expect(panelist.view?.scene).toMatchObject({
      layout: 'spotlight',
      focus: 'panelist-1',
      onAir: [{ personId: 'panelist-1', name: 'Name of panelist-1' }],
      lowerThird: { title: 'Pia', subtitle: '' },
    });
    expect(await host.code('scene:update', { focus: 'attendee-1' })).toBe('conflict');
    expect(await host.code('air:set', { personId: 'attendee-1', onAir: true })).toBe('not-found');
    await host.must('person:mute', { personId: 'panelist-1' });
    expect(house.mediaPlane.of('observe').map(([type]) => type)).toContain('person.muted');
    await until(() => panelist.view?.self.muted?.byName === 'Name of host-1');
    expect(await host.code('person:mute', { personId: 'nobody-here' })).toBe('not-found');
  });

  test('going live starts the channel first, and the end is seen by all', async () => {
    expect(ada.view?.phase).toEqual({ phase: 'scheduled' });
    await host.must('webinar:goLive', {});
    await host.must('webinar:goLive', {});
    await until(() => ada.view?.phase.phase === 'live');
    expect(ada.view?.phase).toMatchObject({
      playlistUrl: `http://origin.test:8080/live/${webinarId}/multivariant.m3u8`,
    });
    expect(house.mediaPlane.of('startChannel')).toHaveLength(1);
    expect(house.mediaPlane.of('observe')).toContainEqual(['webinar.wentLive', 'live']);
    await host.must('webinar:end', {});
    await until(() => ada.view?.phase.phase === 'ended');
    // No recording is named before it is known to be there.
    expect(ada.view?.phase).toMatchObject({ recording: 'pending', recordingUrl: null });
    await house.mediaPlane.settle(webinarId, true);
    await until(() => ada.view?.phase.phase === 'ended' && ada.view.phase.recording === 'ready');
    expect(ada.view?.phase).toMatchObject({
      recordingUrl: `http://origin.test:8080/recordings/${webinarId}/multivariant.m3u8`,
    });
    expect(house.mediaPlane.of('observe')).toContainEqual(['webinar.ended', 'ended']);
    expect(await host.code('webinar:goLive', {})).toBe('conflict');
  });

  test('where nothing was recorded everyone is told so, then and later', async () => {
    await host.must('webinar:goLive', {});
    await host.must('webinar:end', {});
    await house.mediaPlane.settle(webinarId, false);
    const none = { phase: 'ended', recording: 'none', recordingUrl: null };
    await until(() => ada.view?.phase.phase === 'ended' && ada.view.phase.recording === 'none');
    expect(ada.view?.phase).toMatchObject(none);
    const late = await house.enter(webinarId, 'attendee', 'attendee-9');
    expect(late.view?.phase).toMatchObject(none);
  });

  test('three hundred people of one address who come at once are all let in, by the limits in force', async () => {
    const crowded = await openHouse({
      commandRates: COMMAND_RATES,
      apiRates: API_RATES,
      limits: LIMITS,
    });
    try {
      const id = await crowded.webinar();
      const come = async (): Promise<unknown> => {
        const answer = await fetch(`${crowded.url}/api/webinars/${id}/attendees`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        });
        const { token } = (await answer.json()) as { token: string };
        return crowded.client({ protocol: PROTOCOL_VERSION, token }).synced();
      };
      const syncs = await Promise.all(Array.from({ length: 300 }, come));
      expect(syncs).toHaveLength(300);
    } finally {
      await crowded.close();
    }
  });

  test('without a broadcaster going live is refused, and works once one is there', async () => {
    house.mediaPlane.origin = null;
    expect(await host.code('webinar:goLive', {})).toBe('no-broadcaster');
    expect(host.view?.phase).toEqual({ phase: 'scheduled' });
    house.mediaPlane.origin = 'http://origin.test:8080';
    await host.must('webinar:goLive', {});
  });

  test('two hosts going live and ending at once get one channel and one order of things', async () => {
    const other = await house.enter(webinarId, 'host', 'host-2');
    let start = (): void => undefined;
    house.mediaPlane.starting = new Promise((resolve) => {
      start = resolve;
    });
    const asked = [host.code('webinar:goLive', {}), other.code('webinar:goLive', {})];
    await until(() => house.mediaPlane.of('startChannel').length === 1);
    const ending = other.code('webinar:end', {});
    start();
    expect(await Promise.all(asked)).toEqual(['ok', 'ok']);
    expect(await ending).toBe('ok');
    expect(house.mediaPlane.of('startChannel')).toHaveLength(1);
    expect(
      house.mediaPlane
        .of('observe')
        .map(([type]) => type)
        .filter((type) => String(type).startsWith('webinar.')),
    ).toEqual(['webinar.wentLive', 'webinar.ended']);
  });

  test('two hosts directing at once end with the same view', async () => {
    const other = await house.enter(webinarId, 'host', 'host-2');
    const layouts = ['grid', 'spotlight', 'side-by-side', 'screen-speaker'] as const;
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        (i % 2 ? host : other).must('scene:update', {
          layout: layouts[i % 4] ?? 'grid',
          nameCards: i % 3 === 0,
        }),
      ),
    );
    await until(() => host.seq === other.seq);
    expect(host.view?.scene).toEqual(other.view?.scene);
    expect(host.seq).toBe((await house.store.events.claim(webinarId))?.lastSeq);
  });

  test('media commands reach the media side with who asks, and its answer comes back', async () => {
    expect(await panelist.ask('media:join', {})).toEqual({ ok: true, value: { answered: 'media:join' } });
    expect(house.mediaPlane.of('handle')).toEqual([
      [
        { webinarId, personId: 'panelist-1', connectionId: panelist.socket.id },
        'media:join',
        { resume: false, prepared: false, unlessElsewhere: false },
      ],
    ]);
    const { id } = panelist.socket;
    panelist.socket.disconnect();
    await until(() => house.mediaPlane.of('disconnected').length === 1);
    expect(house.mediaPlane.of('disconnected')).toEqual([
      [{ webinarId, personId: 'panelist-1', connectionId: id }],
    ]);
  });

  test('a person connected twice is told on both connections', async () => {
    const again = await house.enter(webinarId, 'attendee', 'attendee-1');
    await again.must('question:ask', { questionId: 'question-1', text: 'Why?' });
    await until(() => ada.view?.questions[0]?.mine);
    again.socket.disconnect();
    await ada.must('question:vote', { questionId: 'question-1', vote: true });
    await until(() => ada.view?.questions[0]?.voted);
  });

  test('presence counts attendees once each, and tells the stage to those on it', async () => {
    const seen: unknown[] = [];
    const crew: unknown[] = [];
    ada.socket.on('presence', (p) => seen.push(p));
    host.socket.on('presence', (p) => crew.push(p));
    await house.enter(webinarId, 'attendee', 'attendee-1');
    await house.enter(webinarId, 'attendee', 'attendee-3');
    await until(() => seen.some((p) => (p as { watching: number }).watching === 3));
    expect(seen.at(-1)).toEqual({ watching: 3, onStage: [] });
    expect(crew.at(-1)).toEqual({ watching: 3, onStage: ['panelist-1'] });
  });
});

describe('coming back', () => {
  test('a client gets what it missed since its seq, and then has the view of everyone else', async () => {
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host');
    const ada = await house.enter(webinarId, 'attendee', 'attendee-1');
    await ada.must('question:ask', { questionId: 'question-1', text: 'Why?' });
    await until(() => ada.view?.questions.length === 1);
    ada.socket.disconnect();
    await host.must('question:answer', { questionId: 'question-1', answer: 'So.' });
    await host.must('webinar:goLive', {});

    const back = house.client({
      token: await tokenOf(webinarId, 'attendee', 'attendee-1'),
      lastSeq: ada.seq,
    });
    back.view = ada.view;
    expect(await back.synced()).toMatchObject({ kind: 'deltas', seq: host.seq });
    const fresh = await house.enter(webinarId, 'attendee', 'attendee-1');
    expect(fresh.syncs[0]?.kind).toBe('snapshot');
    expect({ ...back.view, self: null }).toEqual({ ...fresh.view, self: null });
  });

  test('a client that was away for too long, or was elsewhere, gets everything', async () => {
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host');
    await house.mediaPlane.words?.append(webinarId, () =>
      Array.from({ length: 600 }, (_, i) => ({
        type: 'person.admitted',
        personId: `panelist-${i}`,
        name: 'Pia',
        role: 'panelist',
      })),
    );
    await until(() => host.seq > 600);
    const token = await tokenOf(webinarId, 'attendee', 'attendee-1');
    for (const lastSeq of [1, 1_000_000]) {
      expect(await house.client({ token, lastSeq }).synced()).toMatchObject({ kind: 'snapshot' });
    }
    expect(await house.client({ token, lastSeq: host.seq - 100 }).synced()).toMatchObject({ kind: 'deltas' });
  });

  test('after the coordinator was started anew the log goes on, and live webinars are adopted', async () => {
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host', 'host-1');
    await host.must('question:ask', { questionId: 'question-1', text: 'Why?' });
    await host.must('webinar:goLive', {});
    const { seq, view } = host;
    await house.close(true);
    house = await openHouse({ dataDir: house.dataDir });
    expect(house.mediaPlane.of('adopt')).toEqual([[webinarId]]);
    const back = house.client({ token: await tokenOf(webinarId, 'host', 'host-1'), lastSeq: seq });
    back.view = view;
    expect(await back.synced()).toEqual({ kind: 'deltas', seq, deltas: [] });
    await back.must('question:answerLive', { questionId: 'question-1' });
    expect(back.view?.questions[0]?.status).toBe('answering');
  });
});

describe('a log that fails', () => {
  test('acknowledges nothing that is not in it, and what it did take is shown after recovery', async () => {
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host', 'host-1');
    const { append } = house.store.events;
    house.store.events.append = async (a) => {
      await append.call(house.store.events, a);
      throw new Error('the answer was lost');
    };
    expect(await host.code('question:ask', { questionId: 'question-1', text: 'Lost answer?' })).toBe(
      'unavailable',
    );
    expect(host.view?.questions).toEqual([]);
    house.store.events.append = () => Promise.reject(new Error('disk gone'));
    expect(await host.code('question:ask', { questionId: 'question-2', text: 'Lost?' })).toBe('unavailable');
    house.store.events.append = append;
    // Asking again is the same question.
    await host.must('question:ask', { questionId: 'question-1', text: 'Lost answer?' });
    await host.must('question:ask', { questionId: 'question-3', text: 'Back?' });
    expect(host.view?.questions.map((q) => q.questionId)).toEqual(['question-1', 'question-3']);
    expect((await house.store.events.read(webinarId, 0)).map((e) => e.seq)).toEqual([1, 2, 3, 4]);
  });

  test('a writer that was fenced lets its people go, who find the new one', async () => {
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host', 'host-1');
    const gone = new Promise((resolve) => host.socket.once('disconnect', resolve));
    await house.store.events.claim(webinarId);
    expect(await host.code('direction:set', { direction: 'automatic' })).toBe('unavailable');
    await gone;
    const back = await house.enter(webinarId, 'host', 'host-1');
    await back.must('direction:set', { direction: 'automatic' });
  });
});

describe('[R4] bad input', () => {
  test('unknown events, too many arguments and missing acknowledgements do no harm', async () => {
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host');
    for (const event of ['nonsense', 'constructor', '__proto__', 'toString', 'question', '']) {
      expect(await host.code(event, {})).toBe('bad-input');
    }
    expect(await host.code('question:ask')).toBe('bad-input');
    expect(await host.code('question:ask', VALID['question:ask'], 'more')).toBe('bad-input');
    host.socket.emit('nonsense');
    host.socket.emit('question:ask');
    host.socket.emit('question:ask', VALID['question:ask']);
    await until(() => host.view?.questions.length === 1);
  });

  test.each(COMMANDS)('garbage to %s gets an answer, and the next command works', async (command) => {
    const webinarId = await house.webinar();
    const roles: readonly Role[] = personCommands[command].roles;
    const role = roles.includes('host') ? 'host' : 'attendee';
    const client = await house.enter(webinarId, role);
    const valid: Record<string, unknown> = { ...VALID[command] };
    const anything = fc.anything({ withNullPrototype: false, maxDepth: 3 }).map(asJson);
    const input = fc.oneof(
      anything,
      // Right but for one field.
      fc
        .tuple(fc.constantFrom('__proto__', 'extra', ...Object.keys(valid)), anything)
        .map(([key, value]) => ({ ...valid, [key]: value })),
    );
    await fc.assert(
      fc.asyncProperty(input, async (garbage) => {
        const result = await client.raw(command, garbage);
        if (!result.ok) expect(result.error.code).not.toBe('internal');
      }),
      { numRuns: 40 },
    );
    expect(await client.code('question:ask', { questionId: 'after-all', text: 'Still here?' })).toMatch(
      /^ok$|^conflict$/,
    );
    expect(client.socket.connected).toBe(true);
  });

  test('a message over 128 KiB costs its sender the connection, and nobody else', async () => {
    const webinarId = await house.webinar();
    const host = await house.enter(webinarId, 'host');
    const ada = await house.enter(webinarId, 'attendee');
    const gone = new Promise((resolve) => ada.socket.once('disconnect', resolve));
    ada.socket.emit('question:ask', { questionId: 'question-1', text: 'x'.repeat(200_000) });
    await gone;
    await host.must('question:ask', VALID['question:ask']);
  });

  test('a flood is answered with rate-limited, and one that goes on is disconnected', async () => {
    await house.close();
    const many = { burst: 1000, perSecond: 1000 };
    house = await openHouse({
      commandRates: { stage: many, audience: { burst: 5, perSecond: 0.001 }, connect: many, refused: many },
    });
    const webinarId = await house.webinar();
    const ada = await house.enter(webinarId, 'attendee');
    const host = await house.enter(webinarId, 'host');
    const codes = await Promise.all(Array.from({ length: 8 }, () => ada.code('hand:lower', {})));
    expect(codes).toEqual([...Array(5).fill('ok'), ...Array(3).fill('rate-limited')]);
    const gone = new Promise((resolve) => ada.socket.once('disconnect', resolve));
    for (let i = 0; i < 600; i += 1) ada.socket.emit('hand:lower', {});
    expect(await gone).toBe('io server disconnect');
    await host.must('direction:set', { direction: 'automatic' });
  });
});

/** What JSON makes of a value; undefined where it makes nothing. */
function asJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return 'not JSON';
  }
}
