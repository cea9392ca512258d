/** What crew and panelists have among themselves, over real sockets: theirs, and nobody else's. */
import { type Client, type House, openHouse, until } from '../testing/house.ts';

let house: House;
let webinarId: string;
let host: Client;
let pia: Client;
let ada: Client;
let guest: Client;
beforeEach(async () => {
  house = await openHouse();
  webinarId = await house.webinar();
  host = await house.enter(webinarId, 'host', 'host-1');
  pia = await house.enter(webinarId, 'panelist', 'panelist-1');
  ada = await house.enter(webinarId, 'attendee', 'attendee-1');
  guest = await house.enter(webinarId, 'attendee', 'attendee-2');
  await guest.must('hand:raise', {});
  await host.must('hand:accept', { personId: 'attendee-2' });
  await until(() => guest.view?.self.guest === true);
});
afterEach(() => house.close());

const say = (client: Client, messageId: string, text: string): Promise<unknown> =>
  client.must('backstage:say', { messageId, text });
const textsOf = (client: Client): string[] | undefined =>
  client.view?.backstage?.messages.map(({ text }) => text);

test('crew and panelists read each other, whoever comes later too; attendees and guests are told nothing of it', async () => {
  await say(pia, 'message-1', 'Am I first?');
  await say(host, 'message-2', 'You are.');
  await until(() => textsOf(pia)?.length === 2 && textsOf(host)?.length === 2);
  expect(host.view?.backstage?.messages).toMatchObject([
    { text: 'Am I first?', name: 'Name of panelist-1', role: 'panelist', personId: 'panelist-1' },
    { text: 'You are.', role: 'host' },
  ]);
  expect(textsOf(await house.enter(webinarId, 'moderator', 'moderator-1'))).toEqual([
    'Am I first?',
    'You are.',
  ]);
  await ada.must('question:ask', { questionId: 'question-1', text: 'Is it on?' });
  await until(() => guest.view?.questions.length === 1 && ada.view?.questions.length === 1);
  const late = await house.enter(webinarId, 'attendee', 'attendee-3');
  const guestAgain = await house.enter(webinarId, 'attendee', 'attendee-2');
  for (const client of [ada, guest, late, guestAgain]) {
    expect(client.view?.backstage).toBeNull();
    expect(JSON.stringify([client.view, client.updates])).not.toMatch(/Am I first|You are\.|message-/);
    expect(await client.code('backstage:say', { messageId: 'message-9', text: 'Hi' })).toBe('forbidden');
    expect(await client.code('backstage:unsay', { messageId: 'message-1' })).toBe('forbidden');
  }
});

test('the crew takes a message away, and it is gone for everybody', async () => {
  await say(pia, 'message-1', 'Oops');
  await until(() => textsOf(host)?.length === 1);
  expect(await pia.code('backstage:unsay', { messageId: 'message-1' })).toBe('forbidden');
  await host.must('backstage:unsay', { messageId: 'message-1' });
  await until(() => textsOf(pia)?.length === 0);
  expect(textsOf(await house.enter(webinarId, 'panelist', 'panelist-2'))).toEqual([]);
  await host.must('backstage:unsay', { messageId: 'message-1' });
  // Its author’s page may not have heard that it had arrived.
  await say(pia, 'message-1', 'Oops');
  await say(pia, 'message-2', 'Again');
  await until(() => textsOf(host)?.length === 1);
  expect(textsOf(host)).toEqual(['Again']);
});

test('what is sent again after a lost answer is the same message, and nobody takes another’s id', async () => {
  await say(pia, 'message-1', 'Once');
  await say(pia, 'message-1', 'Once');
  expect(await host.code('backstage:say', { messageId: 'message-1', text: 'Mine' })).toBe('conflict');
  await until(() => textsOf(host)?.length === 1);
  expect(textsOf(host)).toEqual(['Once']);
});

test('the order and the countdown are told to crew and panelists, and to nobody else', async () => {
  await host.must('backstage:order', { personIds: ['panelist-1'] });
  await host.must('backstage:countdown', { airsAtUnixMs: 1_800_000_000_000 });
  await until(() => pia.view?.backstage?.airsAtUnixMs === 1_800_000_000_000);
  expect(pia.view?.backstage?.order).toEqual(['panelist-1']);
  await ada.must('question:ask', { questionId: 'question-1', text: 'Is it on?' });
  await until(() => guest.view?.questions.length === 1 && ada.view?.questions.length === 1);
  for (const client of [ada, guest]) {
    expect(client.view?.backstage).toBeNull();
    expect(JSON.stringify(client.updates)).not.toMatch(/airsAt|"backstage"/);
  }
});
