import { type TurnPolicy, turnserverConf } from './policy.ts';

const policy: TurnPolicy = {
  realm: 'example.org',
  secret: 'a-secret',
  listen: {
    ips: ['192.0.2.7', '2001:db8::7'],
    port: 3478,
    tls: { port: 443, certFile: '/tls/cert.pem', keyFile: '/tls/key.pem' },
  },
  relay: { ip: '192.0.2.7', announcedIp: '192.0.2.7', minPort: 50_000, maxPort: 50_999 },
  peers: { reach: 'stages', stages: ['10.0.0.5'] },
  limits: { allocationsPerPerson: 20, allocations: 500, bytesPerSecond: 1_500_000 },
};

/** The text read back, as coturn reads it: a name on each line, and what stands after the first `=`. */
function readBack(changed: Partial<TurnPolicy> = {}): Map<string, string[]> {
  const read = new Map<string, string[]>();
  for (const line of turnserverConf({ ...policy, ...changed }, '/folder')
    .trimEnd()
    .split('\n')) {
    const [, name = '', value = ''] = /^([a-z0-9_-]+)(?:=(.*))?$/.exec(line) ?? [];
    expect(name).not.toBe('');
    read.set(name, [...(read.get(name) ?? []), value]);
  }
  return read;
}

describe('the policy as turnserver.conf', () => {
  test('has everything the policy says', () => {
    expect(Object.fromEntries(readBack())).toMatchObject({
      realm: ['example.org'],
      'static-auth-secret': ['a-secret'],
      'listening-ip': ['192.0.2.7', '2001:db8::7'],
      'listening-port': ['3478'],
      'tls-listening-port': ['443'],
      cert: ['/tls/cert.pem'],
      pkey: ['/tls/key.pem'],
      'relay-ip': ['192.0.2.7'],
      'min-port': ['50000'],
      'max-port': ['50999'],
      'user-quota': ['20'],
      'total-quota': ['500'],
      'max-bps': ['1500000'],
      pidfile: ['/folder/turnserver.pid'],
      userdb: ['/folder/turn.db'],
    });
  });

  test('always closes what nobody here needs', () => {
    const flags = [
      ...['use-auth-secret', 'stale-nonce', 'fingerprint', 'no-cli', 'no-multicast-peers', 'no-tcp-relay'],
      ...['no-software-attribute', 'no-rfc5780', 'no-dtls', 'no-tlsv1', 'no-tlsv1_1'],
    ];
    const read = readBack();
    expect(flags.filter((name) => !read.has(name))).toEqual([]);
  });

  test('denies every peer but the stages', () => {
    const read = readBack();
    expect(read.get('denied-peer-ip')).toEqual([
      '0.0.0.0-255.255.255.255',
      '0:0:0:0:0:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ]);
    expect(read.get('allowed-peer-ip')).toEqual(['10.0.0.5']);
  });

  test('with the public internet as peers denies the special ranges, and none that has no beginning', () => {
    const denied = readBack({ peers: { reach: 'public', stages: [] } }).get('denied-peer-ip') ?? [];
    expect(denied).toEqual(
      expect.arrayContaining([
        '10.0.0.0-10.255.255.255',
        '169.254.0.0-169.254.255.255',
        '0:0:0:0:0:ffff:0:0-0:0:0:0:0:ffff:ffff:ffff',
        '0:0:0:0:0:0:0:1-0:0:0:0:0:0:ffff:ffff',
      ]),
    );
    expect(denied.filter((range) => range.startsWith('0:0:0:0:0:0:0:0'))).toEqual([]);
  });

  test('loopback peers are allowed where a stage is there, and nowhere else', () => {
    expect(readBack().has('allow-loopback-peers')).toBe(false);
    expect(readBack({ peers: { reach: 'stages', stages: ['127.0.0.1'] } }).has('allow-loopback-peers')).toBe(
      true,
    );
    expect(readBack({ peers: { reach: 'public', stages: ['::1'] } }).has('allow-loopback-peers')).toBe(true);
  });

  test('behind a 1:1 NAT, a stage at the announced address is let through at the one behind it', () => {
    const relay = { ...policy.relay, ip: '10.0.0.7', announcedIp: '198.51.100.7' };
    const read = readBack({ relay, peers: { reach: 'stages', stages: ['198.51.100.7'] } });
    expect(read.get('external-ip')).toEqual(['198.51.100.7/10.0.0.7']);
    expect(read.get('allowed-peer-ip')).toEqual(['198.51.100.7', '10.0.0.7']);
    const elsewhere = readBack({ relay });
    expect(elsewhere.get('external-ip')).toEqual(['198.51.100.7']);
    expect(elsewhere.get('allowed-peer-ip')).toEqual(['10.0.0.5']);
    expect(readBack().has('external-ip')).toBe(false);
  });

  test('without a certificate there is no TLS', () => {
    const read = readBack({ listen: { ...policy.listen, tls: null } });
    expect(read.has('no-tls')).toBe(true);
    expect(['tls-listening-port', 'cert', 'pkey'].filter((name) => read.has(name))).toEqual([]);
  });

  test.each<[string, Partial<TurnPolicy>]>([
    ['a secret of two lines', { secret: 'a\nno-auth' }],
    ['a realm with a comment in it', { realm: 'a#b' }],
    ['no realm', { realm: '' }],
    ['a name as a peer', { peers: { reach: 'stages', stages: ['localhost'] } }],
    [
      'a path with a space',
      { listen: { ...policy.listen, tls: { port: 443, certFile: '/a b', keyFile: '/k' } } },
    ],
  ])('%s cannot stand in it', (_, changed) => {
    expect(() => turnserverConf({ ...policy, ...changed }, '/folder')).toThrow(RangeError);
  });
});
