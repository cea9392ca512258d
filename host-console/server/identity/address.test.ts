import type { IncomingMessage } from 'node:http';
import { pino } from 'pino';
import { addressKey, clientAddress, parseProxies } from './address.ts';
import { Addresses } from './addresses.ts';

const from = (
  remoteAddress: string | undefined,
  forwarded?: string | string[],
  trusted: string[] = ['loopback', '10.0.0.0/8', 'fd00::/8'],
): string =>
  clientAddress(
    {
      socket: { remoteAddress },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded as string },
    },
    parseProxies(trusted),
  );

describe('where a request comes from', () => {
  test('is its peer, whatever it says, unless that is a proxy that is trusted', () => {
    expect(from('203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
    expect(from('127.0.0.1', '198.51.100.1', [])).toBe('127.0.0.1');
    expect(from('::ffff:203.0.113.9')).toBe('203.0.113.9');
    expect(from('fe80::1%eth0')).toBe('fe80::1');
    expect(from(undefined)).toBe('unknown');
  });

  test('is read from the right, past proxies that are trusted, and no further than the first that is not', () => {
    expect(from('127.0.0.1', '1.1.1.1, 198.51.100.1')).toBe('198.51.100.1');
    expect(from('::ffff:127.0.0.1', '1.1.1.1, 198.51.100.1, 10.1.2.3')).toBe('198.51.100.1');
    expect(from('::1', ['1.1.1.1', '2001:DB8:0:0::7, fd00::2'])).toBe('2001:db8::7');
    expect(from('10.0.0.1', '10.0.0.2,10.0.0.3')).toBe('10.0.0.2');
  });

  test('is taken with the port that some proxies write, and from nothing that is no address', () => {
    expect(from('127.0.0.1', '198.51.100.1:4711')).toBe('198.51.100.1');
    expect(from('127.0.0.1', '[2001:db8::7]:443')).toBe('2001:db8::7');
    expect(from('127.0.0.1', '198.51.100.1, unknown')).toBe('127.0.0.1');
    expect(from('127.0.0.1', '198.51.100.1, , 10.0.0.1')).toBe('10.0.0.1');
    expect(from('127.0.0.1', '')).toBe('127.0.0.1');
  });
});

test('addresses of IPv6 are counted by /64, those of IPv4 one by one', () => {
  expect(addressKey('203.0.113.9')).toBe('203.0.113.9');
  expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(addressKey('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
  expect(addressKey('2001:db8::9')).toBe('2001:db8:0:0::/64');
  expect(addressKey('::1')).toBe('0:0:0:0::/64');
  expect(addressKey('unknown')).toBe('unknown');
});

test.each(['10.0.0.0/33', 'fd00::/129', '10.0.0.0/', '10.0.0/8', 'proxy.example', '10.0.0.0/8/8'])(
  '%s is no proxy',
  (text) => {
    expect(() => parseProxies([text])).toThrow(text);
  },
);

test('a proxy that is not named is told of once, and its connections are counted as those of one client', () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(line) });
  const addresses = new Addresses(parseProxies(['10.0.0.0/8']), logger);
  const by = (remoteAddress: string): string =>
    addresses.of({
      headers: { 'x-forwarded-for': '198.51.100.1' },
      socket: { remoteAddress },
    } as unknown as IncomingMessage);
  expect([by('10.0.0.1'), lines.length]).toEqual(['198.51.100.1', 0]);
  expect([by('203.0.113.9'), by('203.0.113.9'), lines.length]).toEqual(['203.0.113.9', '203.0.113.9', 1]);
  expect(lines[0]).toContain('ROSTRUM_TRUSTED_PROXIES');
  expect([addresses.ofPeer('203.0.113.9'), addresses.ofPeer('::ffff:10.0.0.1')]).toEqual([
    '203.0.113.9',
    null,
  ]);
});
