import { readSettings } from './settings.ts';
import { planTurn, turnLack, turnTlsPort } from './turn.ts';

const tls = { port: 443, certFile: 'c', keyFile: 'k' };
const open = { ROSTRUM_CONSOLE_HOST: '0.0.0.0', ROSTRUM_SFU_ANNOUNCED_IP: '192.0.2.7' };

describe('the TURN server beside the stage', () => {
  test('listens where the stage does, and people are told its name by UDP, TCP and TLS', () => {
    const settings = readSettings({ ...open, ROSTRUM_TURN_HOST: 'turn.example.org' });
    expect(planTurn(settings, 's', tls)).toMatchObject({
      listenIps: [],
      urls: [
        'turn:turn.example.org:3478?transport=udp',
        'turn:turn.example.org:3478?transport=tcp',
        'turns:turn.example.org:443?transport=tcp',
      ],
    });
    expect(planTurn(readSettings({}), 's', undefined)).toMatchObject({
      listenIps: ['127.0.0.1'],
      urls: ['turn:127.0.0.1:3478?transport=udp', 'turn:127.0.0.1:3478?transport=tcp'],
      relays: ['127.0.0.1:49152-65535'],
    });
  });

  test('an IPv6 address stands in brackets', () => {
    const settings = readSettings({ ROSTRUM_SFU_LISTEN_IP: '::1', ROSTRUM_TURN_MIN_PORT: '50000' });
    expect(planTurn(settings, 's', undefined)).toMatchObject({
      urls: ['turn:[::1]:3478?transport=udp', 'turn:[::1]:3478?transport=tcp'],
      relays: ['[::1]:50000-65535'],
    });
  });

  test('behind a 1:1 NAT the stage may see it at either address', () => {
    const settings = readSettings(open);
    // 192.0.2.7 is nobody's: it stands for an address that the machine announces and does not have.
    expect(settings.turn.relayIp).not.toBe('192.0.2.7');
    expect(planTurn(settings, 's', undefined).relays).toEqual([
      `${settings.turn.relayIp}:49152-65535`,
      '192.0.2.7:49152-65535',
    ]);
  });

  test('TLS is at 443 where that can be had, else at 5349, and always where it was set', async () => {
    const port = (env: NodeJS.ProcessEnv, free: boolean) => turnTlsPort(readSettings(env), async () => free);
    expect(await port({}, true)).toBe(443);
    expect(await port({}, false)).toBe(5349);
    expect(await port({ ROSTRUM_CONSOLE_PORT: '443' }, true)).toBe(5349);
    expect(await port({ ROSTRUM_TURN_TLS_PORT: '8443' }, true)).toBe(8443);
  });

  test('whom it does not reach is told', () => {
    const settings = readSettings({});
    expect(turnLack(planTurn(settings, 's', undefined), false)).toMatch(/no TLS.*ROSTRUM_TURN_CERT/);
    expect(turnLack(planTurn(settings, 's', tls), true)).toMatch(/our own certificate.*ROSTRUM_TURN_CERT/);
    expect(turnLack(planTurn(settings, 's', { ...tls, port: 5349 }), false)).toMatch(/443 alone/);
    expect(turnLack(planTurn(settings, 's', tls), false)).toBeNull();
  });
});
