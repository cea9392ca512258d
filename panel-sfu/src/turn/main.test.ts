import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '@rostrum/service-kit/free-port';
import { withChildren } from '@rostrum/service-kit/life';
import { turnCredentials } from '@rostrum/service-kit/turn-credentials';
import { TurnClient } from './testing/turn-client.ts';

/** The TURN server as the launcher starts it. */
const SECRET = 'a-secret-of-the-test-of-the-process';

let temporary: string;
let port: number;
let service: ChildProcess;
let metrics: string;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'rostrum-turn-main-'));
  port = await freePort();
  service = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      TMPDIR: temporary,
      ROSTRUM_TURN_SECRET: SECRET,
      ROSTRUM_TURN_LISTEN_IPS: '127.0.0.1',
      ROSTRUM_TURN_PORT: String(port),
      ROSTRUM_TURN_RELAY_IP: '127.0.0.1',
      ROSTRUM_TURN_MIN_PORT: '51000',
      ROSTRUM_TURN_MAX_PORT: '51999',
      ROSTRUM_TURN_STAGES: '127.0.0.1',
      ROSTRUM_PARENT_PIPE: '1',
      ROSTRUM_LOG_LEVEL: 'silent',
    },
  });
  if (!service.stdout) throw new Error('no stdout');
  const [line] = await once(createInterface({ input: service.stdout }), 'line');
  const ready = JSON.parse(String(line)) as { ready: string; metrics: string };
  expect(ready.ready).toBe('turn');
  metrics = ready.metrics;
});
afterEach(async () => {
  if (service.exitCode === null && service.signalCode === null) {
    service.kill('SIGTERM');
    await once(service, 'exit');
  }
  await rm(temporary, { recursive: true, force: true });
});

test('says that it is ready, tells who uses it, and leaves nothing when its parent is gone', async () => {
  expect(await (await fetch(new URL('/readyz', metrics))).json()).toEqual({ ready: true });
  const client = await TurnClient.open(
    { ip: '127.0.0.1', port, transport: 'udp' },
    turnCredentials({ secret: SECRET, personId: 'ada', ttlS: 60, nowMs: Date.now() }),
  );
  expect((await client.allocate()).code).toBe(0);
  expect((await client.permit('10.0.0.1')).code).toBe(403);
  const told = async (): Promise<string> => (await fetch(metrics)).text();
  while (!/^rostrum_turn_allocations 1$/m.test(await told()))
    await new Promise((wake) => setTimeout(wake, 20));
  while (!/^rostrum_turn_refusals_total\{code="403"\} 1$/m.test(await told()))
    await new Promise((wake) => setTimeout(wake, 20));
  client.close();
  const ended = once(service, 'exit');
  service.stdin?.end();
  expect(await ended).toEqual([0, null]);
  expect(await readdir(temporary)).toEqual([]);
});

test('when the service is killed coturn goes with it', async () => {
  const [, turnserver = 0] = withChildren(service.pid ?? 0);
  service.kill('SIGKILL');
  const runs = (): boolean => {
    try {
      return process.kill(turnserver, 0);
    } catch {
      return false;
    }
  };
  expect(turnserver).toBeGreaterThan(0);
  while (runs()) await new Promise((wake) => setTimeout(wake, 20));
});

test('when coturn is killed the service ends, to be started again', async () => {
  const [, turnserver] = withChildren(service.pid ?? 0);
  const ended = once(service, 'exit');
  process.kill(turnserver ?? 0, 'SIGKILL');
  expect(await ended).toEqual([1, null]);
  expect(await readdir(temporary)).toEqual([]);
});
