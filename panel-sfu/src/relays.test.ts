import { isRelayed, parseRelay } from './relays.ts';

describe('relays', () => {
  test('are addresses with the ports they send from', () => {
    expect(parseRelay('192.0.2.7:49152-65535')).toEqual({
      ip: '192.0.2.7',
      minPort: 49_152,
      maxPort: 65_535,
    });
    expect(parseRelay('[2001:db8::7]:50000-50999')).toEqual({
      ip: '2001:db8::7',
      minPort: 50_000,
      maxPort: 50_999,
    });
  });

  test.each([
    '192.0.2.7',
    '192.0.2.7:50000',
    'host:1-2',
    '[192.0.2.7]:1-2',
    '2001:db8::7:1-2',
    '192.0.2.7:2-1',
    '192.0.2.7:1-70000',
  ])('%s is none', (text) => {
    expect(parseRelay(text)).toBeNull();
  });

  test('whoever comes from there comes through them; others on the same machine do not', () => {
    const relays = [{ ip: '192.0.2.7', minPort: 50_000, maxPort: 50_999 }];
    const from = (remoteIp: string, remotePort: number): boolean =>
      isRelayed({ remoteIp, remotePort }, relays);
    expect([from('192.0.2.7', 50_000), from('192.0.2.7', 50_999)]).toEqual([true, true]);
    expect([from('192.0.2.7', 49_999), from('192.0.2.8', 50_000)]).toEqual([false, false]);
    expect(isRelayed({}, relays)).toBe(false);
  });
});
