import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import { Quarantine } from './quarantine.ts';

const sourceOf = (personId: string, sourceId = `camera-of-${personId}`): BroadcastSource => ({
  sourceId,
  personId,
  source: 'camera',
  codec: 'VP8',
  payloadType: 101,
  clockRate: 90_000,
  ssrc: 1,
  rtx: null,
  cname: personId,
  fmtp: {},
  remote: { ip: '127.0.0.1', port: 1, rtcpPort: 2 },
  srtp: null,
});
const ada = sourceOf('ada1');
const eve = sourceOf('eve1');
const suspect = (number: number) => ({ is: 'suspect', number }) as const;
const elsewhere = { signal: 'SIGSEGV', sourceNumber: null };

/** A compositor with both of them. */
function compose(quarantine: Quarantine): { ada: string; eve: string } {
  const trust = { ada: quarantine.add(ada), eve: quarantine.add(eve) };
  quarantine.note(ada.sourceId, suspect(1));
  quarantine.note(eve.sourceId, suspect(2));
  return trust;
}

test('who crashes in a thread of their own twice is not decoded any more, also when published anew; nobody else is touched', () => {
  const quarantine = new Quarantine();
  compose(quarantine);
  expect(quarantine.died({ signal: 'SIGSEGV', sourceNumber: 2 })).toEqual([]);
  expect(compose(quarantine)).toEqual({ ada: 'full', eve: 'probation' });
  quarantine.note(eve.sourceId, { is: 'trusted' }); // it behaved for a while first
  expect(quarantine.died({ signal: 'SIGABRT', sourceNumber: 2 })).toEqual([eve]);
  expect(quarantine.add(ada)).toBe('full');
  expect(quarantine.add(sourceOf('eve1', 'another-producer'))).toBe('none');
  expect(quarantine.withheld()).toEqual([{ personId: 'eve1', source: 'camera', reason: 'quarantined' }]);
});

test('a fault elsewhere is held against whoever was new; being tried alone clears the one or the other', () => {
  const quarantine = new Quarantine();
  compose(quarantine);
  expect(quarantine.died(elsewhere)).toEqual([]);
  expect([quarantine.add(ada), quarantine.add(eve)]).toEqual(['probation', 'probation']);
  quarantine.note(ada.sourceId, suspect(1));
  quarantine.note(ada.sourceId, { is: 'trusted' });
  quarantine.note(eve.sourceId, suspect(2));
  expect(quarantine.died(elsewhere)).toEqual([eve]);
  expect([quarantine.add(ada), quarantine.add(eve)]).toEqual(['full', 'none']);
});

test('nobody is suspected when it was killed, or had lived with all that it was given', () => {
  const quarantine = new Quarantine();
  for (let times = 0; times < 3; times += 1) {
    expect(compose(quarantine)).toEqual({ ada: 'full', eve: 'full' });
    quarantine.died(null);
    compose(quarantine);
    for (const { sourceId } of [ada, eve]) quarantine.note(sourceId, { is: 'trusted' });
    expect(quarantine.died(elsewhere)).toEqual([]);
  }
});

test('what is withheld is told with its reason, until it is not', () => {
  const quarantine = new Quarantine();
  compose(quarantine);
  quarantine.note(eve.sourceId, { is: 'withheld', refusal: { reason: 'too-large', detail: '7680x4320' } });
  expect(quarantine.withheld()).toEqual([{ personId: 'eve1', source: 'camera', reason: 'too-large' }]);
  quarantine.note(eve.sourceId, { is: 'withheld', refusal: null });
  expect(quarantine.withheld()).toEqual([]);
});
