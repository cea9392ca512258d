import type { LookupAddress } from 'node:dns';
import { checkUrl, guardedLookup, mayBeSentTo } from './addresses.ts';

test.each([
  ...[
    '8.8.8.8',
    '93.184.216.34',
    '100.63.255.255',
    '100.128.0.0',
    '172.32.0.1',
    '192.167.1.1',
    '2606:4700::1',
  ],
  '2a00:1450:4001::1',
])('%s may be sent to', (address) => {
  expect(mayBeSentTo(address, false)).toBe(true);
});

test.each([
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.9.9.9', '169.254.169.254'],
  ...['172.16.0.1', '172.31.255.255', '192.0.0.1', '192.168.1.1', '198.18.0.1', '224.0.0.1', '240.0.0.1'],
  ...['255.255.255.255', '::', '::1', '::7f00:1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
  ...['::ffff:8.8.8.8', '::FFFF:0808:0808', '0:0:0:0:0:ffff:0808:0808', '64:ff9b::a00:1', '64:ff9b:1::1'],
  ...['2001::1', '2001:db8::1', '2002:7f00:1::', 'fc00::1', 'fd12::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1'],
  ...['ff02::1', '3fff::1', 'example.org', '', '127.1', '0x7f.1'],
])('%s may not, whatever leads there', (address) => {
  expect(mayBeSentTo(address, false)).toBe(false);
});

test('loopback may where it is allowed, and nothing else with it', () => {
  for (const address of ['127.0.0.1', '::1']) expect(mayBeSentTo(address, true)).toBe(true);
  for (const address of ['10.0.0.1', '169.254.169.254', '::ffff:127.0.0.1', 'fe80::1']) {
    expect(mayBeSentTo(address, true)).toBe(false);
  }
});

describe('an address', () => {
  const code = (url: string, allowLoopback = false): string => {
    try {
      checkUrl(new URL(url), allowLoopback);
      return 'good';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  test.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    // WHATWG: these are spelled out before anybody looks.
    'https://2130706433/',
    'https://0x7f000001/',
    'https://127.1/',
    'https://169.254.169.254/latest/meta-data',
  ])('%s is no public one', (url) => {
    expect(code(url)).toMatch('not public');
  });
  test('is https, without credentials; http is for loopback where that is allowed', () => {
    expect(code('https://hooks.example.org/x?y=1')).toBe('good');
    expect(code('http://hooks.example.org/')).toMatch('only https');
    expect(code('http://hooks.example.org/', true)).toMatch('only https');
    expect(code('http://127.0.0.1:8080/', true)).toBe('good');
    expect(code('http://localhost:8080/', true)).toBe('good');
    expect(code('http://localhost/')).toMatch('only https');
    expect(code('https://me:secret@hooks.example.org/')).toMatch('no name or password');
  });
});

describe('a name', () => {
  const looked = (found: LookupAddress[], options: object = { all: true }): Promise<unknown> =>
    new Promise((resolve) => {
      const lookup = guardedLookup(false, (_host, answer) => answer(null, found));
      lookup('hooks.example.org', options, (error, addresses) => resolve(error ? error.message : addresses));
    });
  const good = { address: '93.184.216.34', family: 4 };
  const bad = { address: '10.0.0.1', family: 4 };

  test('is connected to by the address that was looked at', async () => {
    expect(await looked([good])).toEqual([good]);
    expect(await looked([good], {})).toBe('93.184.216.34');
  });
  test('that has one bad address is refused as a whole, also where another family is asked for', async () => {
    expect(await looked([good, bad])).toMatch('not public');
    expect(await looked([{ address: '2606:4700::1', family: 6 }, bad], { all: true, family: 6 })).toMatch(
      'not public',
    );
    expect(await looked([])).toMatch('no address');
  });
});
