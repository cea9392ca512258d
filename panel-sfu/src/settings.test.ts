import { readSettings } from './settings.ts';

const GOOD = { ROSTRUM_COORDINATOR_URL: 'http://localhost:3000', ROSTRUM_NODE_TOKEN: 'a token of the test' };

describe('settings', () => {
  test('the coordinator and the token are enough', () => {
    expect(readSettings(GOOD)).toMatchObject({ rtcPort: 44_444, listenIp: '127.0.0.1', orphanMs: 60_000 });
  });

  test('an empty variable is an unset one', () => {
    expect(readSettings({ ...GOOD, ROSTRUM_SFU_RTC_PORT: '' }).rtcPort).toBe(44_444);
  });

  test('each impossible setting is named with its value and what would do; a token is not shown', () => {
    const bad = {
      ROSTRUM_COORDINATOR_URL: 'localhost',
      ROSTRUM_NODE_TOKEN: 'secret',
      ROSTRUM_SFU_RTC_PORT: '70000',
    };
    expect(() => readSettings(bad)).toThrow(/ROSTRUM_COORDINATOR_URL is "localhost": an http\(s\) URL/);
    expect(() => readSettings(bad)).toThrow(/ROSTRUM_SFU_RTC_PORT is "70000"/);
    expect(() => readSettings(bad)).toThrow(/ROSTRUM_NODE_TOKEN is \(hidden\): at least 16 characters/);
  });

  test('listening on every address needs one to announce', () => {
    const open = { ...GOOD, ROSTRUM_SFU_LISTEN_IP: '0.0.0.0' };
    expect(() => readSettings(open)).toThrow(/ROSTRUM_SFU_ANNOUNCED_IP is not set: must be set when/);
    expect(readSettings({ ...open, ROSTRUM_SFU_ANNOUNCED_IP: '192.0.2.7' }).announcedIp).toBe('192.0.2.7');
  });

  test('relays are given with their ports', () => {
    const relays = (text: string) => readSettings({ ...GOOD, ROSTRUM_SFU_RELAYS: text }).relays;
    expect(relays('192.0.2.7:50000-50999, [::1]:1-2')).toEqual([
      { ip: '192.0.2.7', minPort: 50_000, maxPort: 50_999 },
      { ip: '::1', minPort: 1, maxPort: 2 },
    ]);
    expect(() => relays('192.0.2.7')).toThrow(/ROSTRUM_SFU_RELAYS is "192.0.2.7": ADDRESS:MIN-MAX/);
  });

  test('every worker needs a port', () => {
    const high = { ...GOOD, ROSTRUM_SFU_RTC_PORT: '65535', ROSTRUM_SFU_WORKERS: '2' };
    expect(() => readSettings(high)).toThrow(
      /ROSTRUM_SFU_RTC_PORT is "65535": with 2 workers must be at most 65534/,
    );
  });
});
