import { type RunContext, services } from './services.ts';
import { readSettings } from './settings.ts';
import { planTurn } from './turn.ts';

const context = (env: NodeJS.ProcessEnv, tls?: RunContext['tls'], edgePort?: number): RunContext => ({
  settings: readSettings(env),
  secret: 's',
  nodeToken: 't',
  mediaKeys: 'k:s',
  workerBin: '/worker',
  tls,
  edgePort,
  turn: undefined,
  originPort: 8080,
  coordinator: { url: 'http://localhost:3000', ownerUrl: 'http://localhost:3000/#owner' },
  demo: false,
});

describe('what the services are told', () => {
  test('a port that the system chose is kept over a restart, behind a proxy too', () => {
    const { env } = services['host-console'];
    const free = context({ ROSTRUM_CONSOLE_PORT: '0' });
    expect(env(free, undefined).ROSTRUM_CONSOLE_PORT).toBe('0');
    const ready = {
      ready: 'host-console',
      url: 'https://webinar.example.org',
      listens: 'http://localhost:41234',
      metrics: 'http://127.0.0.1:41235/metrics',
    };
    expect(env(free, ready).ROSTRUM_CONSOLE_PORT).toBe('41234');
    expect(env(free, ready).ROSTRUM_CONSOLE_METRICS_PORT).toBe('41235');
    expect(env(context({}), ready).ROSTRUM_CONSOLE_PORT).toBe('3000');
  });

  test('keys of rights are those that are kept here, or a file’s, by whatever path it was given', () => {
    for (const { env } of [services['host-console'], services.broadcaster, services.edge]) {
      expect(env(context({}), undefined)).toMatchObject({
        ROSTRUM_MEDIA_KEYS: 'k:s',
        ROSTRUM_MEDIA_KEYS_FILE: undefined,
      });
      expect(env(context({ ROSTRUM_MEDIA_KEYS_FILE: 'keys/now' }), undefined)).toMatchObject({
        ROSTRUM_MEDIA_KEYS: undefined,
        ROSTRUM_MEDIA_KEYS_FILE: `${process.cwd()}/keys/now`,
      });
    }
  });

  test('a console that is open to all is known by the outer address of its machine', () => {
    const open = { ROSTRUM_CONSOLE_HOST: '0.0.0.0', ROSTRUM_SFU_ANNOUNCED_IP: '192.0.2.7' };
    const told = (env: NodeJS.ProcessEnv, tls?: RunContext['tls']) => [
      services['host-console'].env(context(env, tls), undefined).ROSTRUM_PUBLIC_URL,
      services.broadcaster.env(context(env, tls), undefined).ROSTRUM_ORIGIN_PUBLIC_URL,
    ];
    expect(told(open)).toEqual(['http://192.0.2.7:3000', 'http://192.0.2.7:8080']);
    expect(told(open, { certFile: 'c', keyFile: 'k' })).toEqual([
      'https://192.0.2.7:3000',
      'https://192.0.2.7:8080',
    ]);
    expect(told({ ...open, ROSTRUM_PUBLIC_URL: 'https://webinar.example.org' })[0]).toBe(
      'https://webinar.example.org',
    );
    expect(told({})).toEqual([undefined, undefined]);
  });

  test('with an edge the broadcaster can tell it to forget what was deleted, on this machine alone', () => {
    const edgeControl = { port: 6090, secret: 'known-to-both-of-them' };
    const told = { ...context({}, undefined, 8000), edgeControl };
    const broadcaster = services.broadcaster.env(told, undefined);
    const edge = services.edge.env(told, undefined);
    expect(broadcaster.ROSTRUM_EDGE_CONTROL_URLS).toBe(
      `http://${edge.ROSTRUM_EDGE_CONTROL_HOST}:${edge.ROSTRUM_EDGE_CONTROL_PORT}`,
    );
    expect(edge.ROSTRUM_EDGE_CONTROL_HOST).toBe('127.0.0.1');
    expect(edge.ROSTRUM_EDGE_CONTROL_SECRET).toBe(broadcaster.ROSTRUM_EDGE_CONTROL_SECRET);
    expect(services.broadcaster.env(context({}), undefined)).not.toHaveProperty('ROSTRUM_EDGE_CONTROL_URLS');
  });

  test('with an edge viewers are sent there, unless they were told another address', () => {
    const told = (env: NodeJS.ProcessEnv, tls?: RunContext['tls']) =>
      services.broadcaster.env(context(env, tls, 8000), undefined).ROSTRUM_ORIGIN_PUBLIC_URL;
    expect(told({})).toBe('http://localhost:8000');
    expect(told({}, { certFile: 'c', keyFile: 'k' })).toBe('https://localhost:8000');
    expect(told({ ROSTRUM_CONSOLE_HOST: '0.0.0.0', ROSTRUM_SFU_ANNOUNCED_IP: '192.0.2.7' })).toBe(
      'http://192.0.2.7:8000',
    );
    expect(told({ ROSTRUM_ORIGIN_PUBLIC_URL: 'https://live.example.org' })).toBe('https://live.example.org');
  });

  test('with an edge it is the edge that speaks TLS to all, and the origin HTTP to this machine alone', () => {
    const open = { ROSTRUM_ORIGIN_HOST: '0.0.0.0', ROSTRUM_SFU_ANNOUNCED_IP: '192.0.2.7' };
    const told = context(open, { certFile: 'c', keyFile: 'k' }, 8000);
    // What the launcher's own environment says must not reach them either: undefined is written over it.
    expect(services.broadcaster.env(told, undefined)).toMatchObject({
      ROSTRUM_ORIGIN_HOST: '127.0.0.1',
      ROSTRUM_TLS_CERT: undefined,
      ROSTRUM_TLS_KEY: undefined,
    });
    expect(services.edge.env(told, undefined)).toMatchObject({
      ROSTRUM_EDGE_HOST: '0.0.0.0',
      ROSTRUM_ORIGIN_HOST: '127.0.0.1',
      ROSTRUM_TLS_CERT: 'c',
      ROSTRUM_TLS_KEY: 'k',
    });
  });

  test('with a TURN server people are told of it, the stage where it relays from, and its secret goes no further', () => {
    const settings = { ROSTRUM_TURN_URLS: 'turn:us.example.org', ROSTRUM_TURN_STAGES: '192.0.2.9' };
    const plain = context(settings);
    const told = { ...plain, turn: planTurn(plain.settings, 'turn-secret', undefined) };
    expect(services['host-console'].env(told, undefined)).toMatchObject({
      ROSTRUM_TURN_URLS:
        'turn:127.0.0.1:3478?transport=udp,turn:127.0.0.1:3478?transport=tcp,turn:us.example.org',
      ROSTRUM_TURN_SECRET: 'turn-secret',
    });
    expect(services['panel-sfu'].env(told, undefined).ROSTRUM_SFU_RELAYS).toBe('127.0.0.1:49152-65535');
    expect(services.turn.env(told, undefined)).toMatchObject({
      ROSTRUM_TURN_SECRET: 'turn-secret',
      ROSTRUM_TURN_STAGES: '127.0.0.1,192.0.2.9',
      ROSTRUM_TURN_LISTEN_IPS: '127.0.0.1',
      ROSTRUM_TURN_CERT: undefined,
    });
    for (const name of ['panel-sfu', 'broadcaster', 'edge', 'demo'] as const) {
      expect(Object.values(services[name].env(told, undefined))).not.toContain('turn-secret');
    }
  });

  test('TURN servers of others are told as they were given', () => {
    const given = { ROSTRUM_TURN_URLS: 'turn:us.example.org', ROSTRUM_TURN_SECRET: 'x'.repeat(32) };
    expect(services['host-console'].env(context(given), undefined)).toMatchObject(given);
    expect(services['host-console'].env(context({}), undefined)).toMatchObject({
      ROSTRUM_TURN_URLS: undefined,
      ROSTRUM_TURN_SECRET: undefined,
    });
  });

  test('the secret that signs links reaches the coordinator alone', () => {
    const told = Object.values(services).map(({ name, env }) => [
      name,
      env(context({}), undefined).ROSTRUM_SECRET,
    ]);
    expect(told).toEqual([
      ['host-console', 's'],
      ['panel-sfu', undefined],
      ['turn', undefined],
      ['broadcaster', undefined],
      ['edge', undefined],
      ['demo', undefined],
    ]);
  });
});
