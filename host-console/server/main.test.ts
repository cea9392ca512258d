import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PERSON_NAMESPACE, PROTOCOL_VERSION } from '@rostrum/contracts';
import { makeCertificate } from '@rostrum/service-kit/testing/certificate';
import { io } from 'socket.io-client';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const TOKEN = 'a token for nodes in tests';

interface Running {
  readonly process: ChildProcess;
  /** What the ready line says. */
  readonly ready: { ready: string; url: string; ownerUrl: string; metrics: string };
  output(): string;
  readonly exit: Promise<number | null>;
}

let dataDir: string;
const started: ChildProcess[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rostrum-main-'));
});
afterEach(() => {
  for (const process of started.splice(0)) process.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

function launch(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      ROSTRUM_CONSOLE_PORT: '0',
      ROSTRUM_CONSOLE_PAGES: '0',
      ROSTRUM_DATA_DIR: dataDir,
      ROSTRUM_SECRET: 'a secret for tests, longer than 32 bytes',
      ROSTRUM_NODE_TOKEN: TOKEN,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { process: child, output: () => output, exit };
}

const readyLines = (output: string): string[] =>
  output.split('\n').filter((line) => line.startsWith('{"ready"') && line.endsWith('}'));

/** What its nth ready line says. */
async function nthReady(running: Omit<Running, 'ready'>, n: number): Promise<Running['ready']> {
  for (;;) {
    const line = readyLines(running.output())[n - 1];
    if (line !== undefined) return JSON.parse(line);
    const code = await Promise.race([running.exit, new Promise((r) => setTimeout(r, 20, 'running'))]);
    if (code !== 'running') throw new Error(`it ended with ${code}: ${running.output()}`);
  }
}

async function up(env: Record<string, string> = {}): Promise<Running> {
  const running = launch(env);
  return { ...running, ready: await nthReady(running, 1) };
}

/** What an owner's link gives: the status of the list of webinars. */
const opens = async ({ url, ownerUrl }: Running['ready']): Promise<number> => {
  const authorization = `Bearer ${ownerUrl.split('/#t=')[1]}`;
  return (await fetch(`${url}/api/webinars`, { headers: { authorization } })).status;
};

const revokeOwnerLinks = ({ url, ownerUrl }: Running['ready']): Promise<Response> =>
  fetch(`${url}/api/owner/links`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${ownerUrl.split('/#t=')[1]}` },
  });

describe('the process', () => {
  test('says once it is ready, serves, and ends cleanly on SIGTERM with people connected', async () => {
    const running = await up();
    const { url, ownerUrl, metrics } = running.ready;
    expect(running.ready.ready).toBe('host-console');
    const token = ownerUrl.split('/#t=')[1] ?? '';
    const api = async (path: string, json: unknown) =>
      (
        await fetch(`${url}${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify(json),
        })
      ).json();
    const { webinarId } = (await api('/api/webinars', { title: 'T' })) as { webinarId: string };
    const link = (await api(`/api/webinars/${webinarId}/links`, { role: 'host', name: 'Ann' })) as {
      token: string;
    };
    expect((await fetch(metrics)).status).toBe(200);
    const socket = io(`${url}${PERSON_NAMESPACE}`, {
      auth: { protocol: PROTOCOL_VERSION, token: link.token },
      reconnection: false,
    });
    await new Promise((resolve) => socket.once('sync', resolve));
    const gone = new Promise((resolve) => socket.once('disconnect', resolve));
    // Nobody can put a person live without a broadcaster, and is told so.
    expect(await socket.emitWithAck('webinar:goLive', {})).toMatchObject({
      error: { code: 'no-broadcaster' },
    });
    running.process.kill('SIGTERM');
    expect(await running.exit).toBe(0);
    await gone;
    const logs = running
      .output()
      .split('\n')
      .filter((line) => !line.startsWith('{"ready"'));
    expect(logs.join('\n')).not.toContain(token);
  });

  test('ends cleanly on SIGTERM although a client never finishes its request', async () => {
    const running = await up();
    const socket = connect(Number(new URL(running.ready.url).port), 'localhost');
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      socket.write('POST /api/webinars HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf', () =>
        resolve(),
      );
    });
    await fetch(`${running.ready.url}/healthz`);
    running.process.kill('SIGTERM');
    expect(await running.exit).toBe(0);
    socket.destroy();
  });

  test('ends when its parent is gone', async () => {
    const running = await up({ ROSTRUM_PARENT_PIPE: '1' });
    running.process.stdin?.end();
    expect(await running.exit).toBe(0);
  });

  test('tells its launcher a link that opens, when all of the owner’s links were revoked', async () => {
    const running = await up({ ROSTRUM_PARENT_PIPE: '1' });
    const { url: here } = (await (await revokeOwnerLinks(running.ready)).json()) as { url: string };
    const told = await nthReady(running, 2);
    expect([await opens(running.ready), await opens(told)]).toEqual([401, 200]);
    const setupUrl = told.ownerUrl.replace('/#', '/setup#');
    expect(told).toEqual({ ...running.ready, ownerUrl: told.ownerUrl, setupUrl });
    // Each can be told from the other, and both are good.
    expect(told.ownerUrl).not.toBe(here);
    expect(await opens({ ...told, ownerUrl: here })).toBe(200);
  });

  test('tells no owner’s link any more once there is an owner’s account, unless it is asked for one', async () => {
    const running = await up({ ROSTRUM_PARENT_PIPE: '1' });
    const made = await fetch(`${running.ready.url}/api/setup`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${running.ready.ownerUrl.split('/#t=')[1]}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name: 'Ann', email: 'ann@example.org', password: 'correct horse battery' }),
    });
    expect(made.status).toBe(201);
    const told = await nthReady(running, 2);
    expect([told.ownerUrl, 'setupUrl' in told, await opens(running.ready)]).toEqual([undefined, false, 401]);
    running.process.kill('SIGTERM');
    await running.exit;

    const recovering = await up({ ROSTRUM_OWNER_LINK: 'recover' });
    expect(recovering.ready).toMatchObject({ setupUrl: expect.stringContaining('/setup#t=') });
    expect(await opens(recovering.ready)).toBe(200);
    recovering.process.kill('SIGTERM');
    await recovering.exit;

    const showing = await up({ ROSTRUM_OWNER_LINK: 'demo' });
    expect([await opens(showing.ready), 'setupUrl' in showing.ready]).toEqual([200, false]);
  });

  test('tells no link a second time where no launcher listens', async () => {
    const running = await up();
    expect((await revokeOwnerLinks(running.ready)).status).toBe(200);
    running.process.kill('SIGTERM');
    expect(await running.exit).toBe(0);
    expect(readyLines(running.output())).toHaveLength(1);
  });

  test('is refused a data folder that another one has', async () => {
    await up();
    const second = launch();
    expect(await second.exit).toBe(1);
    expect(second.output()).toMatch(/another process uses the data folder .*ROSTRUM_DATA_DIR/);
  });

  test('does not start with an impossible setting, and says which', async () => {
    const running = launch({ ROSTRUM_SECRET: 'short' });
    expect(await running.exit).toBe(2);
    expect(running.output()).toContain('ROSTRUM_SECRET (set): shorter than 32 bytes');
  });

  test('serves pages of people over TLS with the certificate given', async () => {
    const { certFile, keyFile } = await makeCertificate(dataDir);
    const { ready } = await up({ ROSTRUM_TLS_CERT: certFile, ROSTRUM_TLS_KEY: keyFile });
    expect(ready.url).toMatch(/^https:\/\/localhost:\d+$/);
    const status = await new Promise((resolve, reject) => {
      request(`${ready.url}/healthz`, { rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    const session = connectHttp2(ready.url, { rejectUnauthorized: false });
    const over2 = async (headers: Record<string, string>, body = '') => {
      const stream = session.request(headers);
      if (body) stream.end(body);
      const [answer] = (await once(stream, 'response')) as [Record<string, string | number>];
      return { status: answer[':status'], type: answer['content-type'], body: await text(stream) };
    };
    expect(await over2({ ':path': '/healthz' })).toMatchObject({ status: 200 });
    const refused = await over2(
      { ':path': '/api/webinars', ':method': 'POST', 'content-type': 'application/json' },
      '{"title": ',
    );
    expect(refused).toMatchObject({ status: 401, type: expect.stringContaining('application/json') });
    expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'unauthenticated' } });
    // Somebody who leaves in the middle disturbs nobody.
    const left = session.request({ ':path': '/api/webinars', ':method': 'POST' });
    left.write('{');
    left.close();
    expect(await over2({ ':path': '/healthz' })).toMatchObject({ status: 200 });
    session.close();

    const socket = io(`${ready.url}${PERSON_NAMESPACE}`, {
      auth: { protocol: PROTOCOL_VERSION, token: 'x' },
      transports: ['websocket'],
      rejectUnauthorized: false,
      reconnection: false,
    });
    const refusal = await new Promise((resolve) => socket.once('connect_error', resolve));
    expect(refusal).toMatchObject({ data: { code: 'token-invalid' } });
    socket.disconnect();
  });
});
