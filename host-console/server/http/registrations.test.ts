import type { ImportReport, PlanFields, RegistrationPage } from '@rostrum/contracts';
import { type House, openHouse, tokenOf } from '../testing/house.ts';

let house: House;
let token: string;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

let made = 0;
async function plan(fields: PlanFields): Promise<string> {
  made += 1;
  const webinarId = `webinar-${made}`;
  await house.store.events.create(webinarId, {
    atUnixMs: Date.now(),
    event: {
      ...({
        type: 'webinar.created',
        title: 'Town hall',
        startsAtUnixMs: null,
        profile: 'standard',
      } as const),
      plan: { join: 'registered', ...fields },
    },
  });
  token = await tokenOf(webinarId, 'host', 'host-1');
  return webinarId;
}
async function ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const answer = await fetch(`${house.url}/api/webinars/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as T };
}
const mailed = async (webinarId: string): Promise<number> => {
  const rows = await house.store.database.query((db) =>
    db.selectFrom('mails').select('kind').where('webinar_id', '=', webinarId).execute(),
  );
  return rows.length;
};
const named = ({ registrations }: RegistrationPage): string[] =>
  registrations.map((one) => `${one.name} ${one.state}`);

test('people are listed page by page, by state and by what is searched, and counted', async () => {
  const id = await plan({ join: 'approved' });
  for (const who of ['ada', 'bob', 'cleo']) {
    await house.coordinator.registration.registrations.register(id, {
      ...{ name: who, address: `${who}@example.org`, locale: 'de', answers: {} },
    });
  }
  const first = (await ask<RegistrationPage>('GET', `${id}/registrations?limit=2`)).body;
  expect(named(first)).toEqual(['cleo pending', 'bob pending']);
  expect(first.counts).toEqual({ pending: 3, approved: 0, waiting: 0, refused: 0, cancelled: 0 });
  const second = (await ask<RegistrationPage>('GET', `${id}/registrations?limit=2&cursor=${first.next}`))
    .body;
  expect([named(second), second.next]).toEqual([['ada pending'], null]);
  const [cleo, bob] = first.registrations.map((one) => one.registrationId);
  const answered = await ask<RegistrationPage>('POST', `${id}/registrations/answers`, {
    ...{ registrationIds: [cleo, 'somebody-else'], answer: 'approve' },
  });
  expect(named(answered.body)).toEqual(['cleo approved']);
  await ask('POST', `${id}/registrations/answers`, { registrationIds: [bob], answer: 'refuse' });
  const approved = await ask<RegistrationPage>('GET', `${id}/registrations?state=approved`);
  expect(named(approved.body)).toEqual(['cleo approved']);
  expect(named((await ask<RegistrationPage>('GET', `${id}/registrations?search=ADA@`)).body)).toEqual([
    'ada pending',
  ]);
  for (let i = 0; i < 2; i += 1) expect((await ask('DELETE', `${id}/registrations/${bob}`)).status).toBe(200);
  expect(named((await ask<RegistrationPage>('GET', `${id}/registrations`)).body)).toEqual([
    'cleo approved',
    'ada pending',
  ]);
  expect((await ask('GET', `${id}/registrations?limit=0`)).status).toBe(400);
});

test('people are brought by hand, mailed or not; an address is there once', async () => {
  const id = await plan({ join: 'approved' });
  const ada = { name: 'Ada', address: 'Ada@example.org' };
  expect(await ask('POST', `${id}/registrations`, { ...ada, mail: false })).toEqual({
    status: 201,
    body: { outcome: 'added' },
  });
  expect(await mailed(id)).toBe(0);
  expect((await ask('POST', `${id}/registrations`, ada)).body).toEqual({ outcome: 'known' });
  await ask('POST', `${id}/registrations`, { name: 'Bob', address: 'bob@example.org' });
  expect(await mailed(id)).toBe(1);
  expect((await ask('POST', `${id}/registrations`, { name: 'Bob', address: 'none' })).status).toBe(400);
  // Also to one that anybody may come to: they have their own link, and are reminded.
  const open = await plan({ join: 'open' });
  expect((await ask('POST', `${open}/registrations`, ada)).status).toBe(201);
});

test('a table is looked at before it is taken, and taken once', async () => {
  const id = await plan({});
  const lines = Array.from({ length: 250 }, (_, i) => `Person ${i},person${i}@example.org`);
  const csv = ['name,email', ...lines, 'Nobody,nowhere', 'Twice,PERSON7@example.org'].join('\r\n');
  const input = { csv, mail: false };
  const preview = (await ask<ImportReport>('POST', `${id}/registrations/import`, { ...input, dryRun: true }))
    .body;
  expect(preview).toMatchObject({ added: 250, known: 0, problemCount: 2 });
  expect(preview.sample).toHaveLength(10);
  expect(preview.problems).toEqual([
    { line: 252, problem: 'bad-address', text: 'nowhere' },
    { line: 253, problem: 'twice', text: 'PERSON7@example.org' },
  ]);
  expect((await house.store.registrations.countsOf(id)).approved).toBe(0);
  const done = (await ask<ImportReport>('POST', `${id}/registrations/import`, { ...input, dryRun: false }))
    .body;
  expect(done).toMatchObject({ added: 250, known: 0 });
  const again = (await ask<ImportReport>('POST', `${id}/registrations/import`, { ...input, dryRun: false }))
    .body;
  expect(again).toMatchObject({ added: 0, known: 250 });
  expect((await house.store.registrations.countsOf(id)).approved).toBe(250);
  expect(await mailed(id)).toBe(0);
  expect((await ask('POST', `${id}/registrations/import`, { ...input, csv: 'x', dryRun: true })).status).toBe(
    400,
  );
});

test('all of them are exported with their answers, and no cell of it is a formula', async () => {
  const question = { kind: 'text', questionId: 'why1', text: '=Why?', required: false } as const;
  const id = await plan({ registrationQuestions: [question] });
  await house.coordinator.registration.registrations.register(id, {
    ...{
      name: '=HYPERLINK("x")',
      address: '+ada@example.org',
      locale: 'en',
      answers: { why1: '@SUM(A1)\n=2' },
    },
  });
  const answer = await fetch(`${house.url}/api/webinars/${id}/registrations.csv?bom=0`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.headers.get('content-disposition')).toContain('Town hall registrations.csv');
  const [head, line = ''] = (await answer.text()).split('\r\n');
  expect(head).toBe("name,email,state,registered,joined,language,'=Why?");
  expect(line).toMatch(
    /^"'=HYPERLINK\(""x""\)",'\+ada@example\.org,approved,[\dT:.Z-]+,,en,"'@SUM\(A1\)\n'=2"$/,
  );
});
