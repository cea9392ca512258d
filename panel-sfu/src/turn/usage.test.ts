import { createUsage } from './usage.ts';

const USER = '1796021723:4cb405b83500ed6f';
const said = (session: string, what: string): string => `12: : session ${session}: ${what}`;

describe('what coturn says of its sessions', () => {
  test('allocations are counted from their beginning to their end', () => {
    const usage = createUsage();
    for (const session of ['001', '002'])
      usage.took(said(session, `new, realm=<r>, username=<${USER}>, lifetime=600`));
    expect(usage.allocations()).toBe(2);
    usage.took(said('001', `delete: realm=<r>, username=<${USER}>`));
    // One that never had an allocation ends too.
    usage.took(said('003', `closed (2nd stage), user <> realm <r> origin <>, local a, remote b, reason: c`));
    expect(usage.allocations()).toBe(1);
  });

  test('bytes to and from peers are summed; those between us and the client are the same ones', () => {
    const usage = createUsage();
    for (const rb of [1000, 500])
      usage.took(said('001', `peer usage: realm=<r>, username=<${USER}>, rp=4, rb=${rb}, sp=5, sb=70`));
    usage.took(said('001', `usage: realm=<r>, username=<${USER}>, rp=9, rb=9999, sp=9, sb=9999`));
    expect(usage.relayed()).toEqual({ fromPeers: 1500, toPeers: 140 });
  });

  test('refusals are counted once each, and the challenge that begins a session is none', () => {
    const usage = createUsage();
    usage.took(said('001', 'realm <r> user <>: incoming packet message processed, error 401: Unauthorized'));
    for (const method of ['ALLOCATE', 'message'])
      usage.took(
        said('001', `realm <r> user <${USER}>: incoming packet ${method} processed, error 486: Quota`),
      );
    expect([...usage.refusals()]).toEqual([[486, 1]]);
  });

  test('lines that tell of people are taken out of the log, others are not', () => {
    const usage = createUsage();
    const kept = ['0: : Relay ports initialization done', 'Version Coturn', said('x', 'new,')];
    const taken = [
      said('001', 'TCP socket closed remotely 192.0.2.9:53848'),
      '0: : IPv4. tcp or tls connected to: 192.0.2.9:52114',
      `0: : ERROR: check_stun_auth: Cannot find credentials of user <${USER}>`,
      '0: : ERROR: A peer IP 10.0.0.1 denied in the range: 0.0.0.0-255.255.255.255',
    ];
    expect([...kept, ...taken].map((line) => usage.took(line))).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });
});
