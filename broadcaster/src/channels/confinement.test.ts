/** What is taken from a compositor, tried from within it by a process that is started the same way. */
import { fork } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unconfined } from '../compositor/confined.ts';
import { type Confinement, confinement } from './confinement.ts';

const ENTRY = new URL('../compositor/process.ts', import.meta.url).pathname;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-confined-'));
});
afterAll(() => rm(folder, { recursive: true }));

function confined(): Confinement {
  const found = confinement(ENTRY);
  if (!found) throw new Error('the addon is not built');
  return found;
}

/** Runs a program text in there. @returns what it sends */
async function within(text: string): Promise<Record<string, unknown>> {
  const { execPath, execArgv, env, release } = confined();
  // In place of the compositor's own module: `-e` needs no file that could be read.
  const child = fork(text, {
    execPath,
    execArgv: [...execArgv, '-e'],
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    return await new Promise((resolve, reject) => {
      child.once('message', (message) => resolve(message as Record<string, unknown>));
      child.once('exit', (code, signal) => reject(new Error(`ended with ${signal ?? code}`)));
    });
  } finally {
    child.kill('SIGKILL');
    release();
  }
}

/** Whether anybody can read a file; a checkout may lie where only its owner gets to. */
function openToAll(path: string): boolean {
  for (let at = path; at !== '/'; at = dirname(at)) {
    const { mode } = statSync(at);
    if ((mode & (at === path ? 0o004 : 0o001)) === 0) return false;
  }
  return true;
}

const TRY = `
  const fs = require('fs'), net = require('net'), dgram = require('dgram'), cp = require('child_process');
  const out = {};
  const attempt = (name, what) => { try { out[name] = what() ?? 'done'; } catch (error) { out[name] = error.code ?? String(error); } };
`;

test('it reads its own code and nothing of the installation, writes to its own folder and nowhere else', async () => {
  const secret = join(folder, 'secret');
  await writeFile(secret, 'a secret', { mode: 0o644 });
  const tried = await within(`${TRY}
    attempt('code', () => fs.readFileSync(${JSON.stringify(ENTRY)}).length > 0);
    attempt('secret', () => fs.readFileSync(${JSON.stringify(secret)}, 'utf8'));
    attempt('shadow', () => fs.readFileSync('/etc/shadow', 'utf8'));
    attempt('write', () => fs.writeFileSync(${JSON.stringify(join(folder, 'new'))}, 'x'));
    attempt('writeCode', () => fs.appendFileSync(${JSON.stringify(ENTRY)}, ''));
    attempt('own', () => fs.writeFileSync(process.env.TMPDIR + '/plate', 'x'));
    attempt('large', () => fs.writeFileSync(process.env.TMPDIR + '/large', Buffer.alloc(64 << 20)));
    process.send(out);
  `);
  expect(tried).toMatchObject({
    code: true,
    own: 'done',
    secret: 'EACCES',
    shadow: 'EACCES',
    write: 'EACCES',
    writeCode: 'EACCES',
    large: 'EFBIG',
  });
});

test('it starts no program, connects to nothing and listens nowhere; datagrams are what it has', async () => {
  const tried = await within(`${TRY}
    attempt('program', () => cp.execFileSync('/bin/true'));
    process.on('uncaughtException', (error) => { out.uncaught = error.code; });
    const done = (name) => (error) => { out[name] = error ? error.code : 'done'; if (out.tcp && out.unix && out.udp && out.listen) process.send(out); };
    net.connect(80, '127.0.0.1').once('error', done('tcp')).once('connect', done('tcp'));
    net.connect('/run/nothing.sock').once('error', done('unix'));
    net.createServer().once('error', done('listen')).listen(0, '127.0.0.1', done('listen'));
    const socket = dgram.createSocket('udp4');
    socket.once('error', done('udp')).bind(0, '127.0.0.1', done('udp'));
  `);
  expect(tried).toMatchObject({
    program: 'EPERM',
    tcp: 'EACCES',
    unix: 'EACCES',
    listen: 'EACCES',
    udp: 'done',
  });
});

test('it has no privileges, cannot get any, and knows no secrets; its memory and open files are limited, and it leaves no core', async () => {
  process.env.ROSTRUM_NODE_TOKEN = 'a token that is nobody else’s business';
  const tried = await within(`${TRY}
    attempt('status', () => fs.readFileSync('/proc/self/status', 'utf8'));
    attempt('limits', () => fs.readFileSync('/proc/self/limits', 'utf8'));
    out.environment = JSON.stringify(process.env); out.confined = process.env.CONFINED; out.uid = process.getuid();
    process.send(out);
  `);
  delete process.env.ROSTRUM_NODE_TOKEN;
  const [status, limits] = [String(tried.status), String(tried.limits)];
  expect(status).toMatch(/^CapEff:\t0+$/m);
  // What nobody but root could get back.
  if (process.getuid?.() === 0) expect(status).toMatch(/^CapBnd:\t0+$/m);
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  expect(status).toMatch(/^Seccomp:\t2$/m);
  expect(limits).toMatch(/^Max core file size +0 +0 /m);
  expect(limits).toMatch(/^Max open files +512 +512 /m);
  expect(limits).toMatch(/^Max data size +5368709120 +5368709120 /m);
  expect(tried.environment).not.toContain('nobody else');
  const stays = process.getuid?.() === 0 && !openToAll(ENTRY);
  if (process.getuid?.() === 0) expect(tried.uid === 0).toBe(stays);
  const lack = unconfined(String(tried.confined), Number(tried.uid));
  expect(lack).toBe(stays ? 'the compositor is not confined by: a user of its own' : null);
});

test('where the code cannot be read by another user it stays who it is, and says so', async () => {
  const hidden = join(folder, 'hidden');
  await writeFile(hidden, '', { mode: 0o600 });
  const own = confined();
  const execArgv = ['--need', hidden, ...own.execArgv];
  const child = fork(
    'require("node:fs").writeFileSync(process.env.TMPDIR + "/plate", ""); process.send({ confined: process.env.CONFINED, uid: process.getuid() })',
    {
      execPath: own.execPath,
      execArgv: [...execArgv, '-e'],
      env: own.env,
    },
  );
  const told = await new Promise<{ confined: string; uid: number }>((resolve) =>
    child.once('message', (message) => resolve(message as { confined: string; uid: number })),
  );
  child.kill('SIGKILL');
  own.release();
  expect(told.uid).toBe(process.getuid?.());
  if (told.uid === 0)
    expect(unconfined(told.confined, told.uid)).toBe('the compositor is not confined by: a user of its own');
});

test('what a system does not have is named', () => {
  expect(
    unconfined(
      'no-core data files file-size capabilities no-new-privileges landlock:7 seccomp udp-only',
      1000,
    ),
  ).toBeNull();
  expect(unconfined('no-core data files file-size capabilities no-new-privileges', 1000)).toContain(
    'landlock, seccomp, udp-only',
  );
  expect(unconfined(undefined, 0)).toContain('a user of its own');
});
