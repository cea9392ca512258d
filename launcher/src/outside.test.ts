import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findingState } from '@rostrum/contracts';
import { describeFindings, lookFromOutside } from './outside.ts';
import { checkout } from './paths.ts';
import { readSettings } from './settings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const settingsOf = (env: NodeJS.ProcessEnv) => readSettings({ ROSTRUM_DATA_DIR: folder, ...env });
const NOTHING = { smtpUrl: undefined, cdnOriginHost: undefined };

test('a fresh installation is told that nobody outside reaches it, and what to set', async () => {
  const findings = await lookFromOutside(settingsOf({}), NOTHING, false);
  const lines = describeFindings(findings);
  expect(lines[0]).toBe('BAD   the console is told as 127.0.0.1, which only this machine reaches');
  expect(lines[1]).toBe('      set ROSTRUM_PUBLIC_URL to the address that people open');
  expect(lines.join('\n')).toContain('ROSTRUM_SFU_ANNOUNCED_IP to the public address');
  expect(lines.join('\n')).toContain('no mail is sent');
  // The worst first.
  const marks = lines.filter((line) => !line.startsWith(' ')).map((line) => line.slice(0, 4));
  expect(marks).toEqual(marks.toSorted((a, b) => 'Blg'.indexOf(a.charAt(0)) - 'Blg'.indexOf(b.charAt(0))));
});

test('console and media under one name and port are looked at once', async () => {
  const one = { ROSTRUM_PUBLIC_URL: 'http://127.0.0.1:9', ROSTRUM_ORIGIN_PUBLIC_URL: 'http://127.0.0.1:9' };
  const findings = await lookFromOutside(settingsOf(one), NOTHING, false);
  expect(findings.filter((finding) => finding.about === 'name')).toHaveLength(1);
  expect(findings.filter((finding) => finding.about === 'certificate')).toHaveLength(1);
});

test('mail is tried where it is handed over: a server that greets takes it, one that does not is refused with its reason', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('220 mail.example.org ESMTP\r\n');
    socket.on('data', (line) => socket.write(/^quit/i.test(`${line}`) ? '221 bye\r\n' : '250 fine\r\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const smtpUrl = `smtp://127.0.0.1:${port}`;
  const mailOf = async () =>
    (await lookFromOutside(settingsOf({}), { ...NOTHING, smtpUrl }, false)).find((f) => f.about === 'mail');
  expect(await mailOf()).toMatchObject({ is: 'good' });
  await new Promise<void>((resolve) => server.close(() => resolve()));
  expect(await mailOf()).toMatchObject({ is: 'refused', reason: 'ESOCKET' });
});

test('a CDN whose settings cannot be used is told with what is wrong', async () => {
  const findings = await lookFromOutside(
    settingsOf({}),
    { ...NOTHING, cdnOriginHost: 'live.example.org' },
    false,
  );
  const cdn = findings.find((finding) => finding.about === 'cdn');
  expect(cdn).toMatchObject({ is: 'refused', reason: expect.stringMatching(/\w/) });
});

test('the command says it, and ends with 1 where something is bad', async () => {
  const cli = [
    '--disable-warning=ExperimentalWarning',
    `${checkout}/launcher/src/cli.ts`,
    'doctor',
    '--public',
  ];
  const env = { PATH: process.env.PATH, ROSTRUM_HOME: folder, ROSTRUM_DATA_DIR: folder };
  const { code, stdout } = await new Promise<{ code: number; stdout: string }>((resolve) => {
    const child = execFile(process.execPath, cli, { env }, (_error, said) =>
      resolve({ code: child.exitCode ?? -1, stdout: said }),
    );
  });
  expect(stdout).toContain('which only this machine reaches');
  expect(code).toBe(1);
  expect(findingState({ about: 'clock', is: 'free' })).toBe('bad');
});
