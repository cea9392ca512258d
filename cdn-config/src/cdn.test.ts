import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { CloudFrontStub, STUB_CREDENTIALS } from './testing/cloudfront/stub.ts';

/** The command as the launcher starts it, against a CloudFront on a port. */

const SCRIPT = fileURLToPath(new URL('./cdn.ts', import.meta.url));

let folder: string;
let stub: CloudFrontStub;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-cdn-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  stub = await CloudFrontStub.open({ deployingFor: 2 });
});
afterEach(() => stub.close());

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(env),
  });
}

const environment = (env: Readonly<Record<string, string>>) => ({
  ...{ PATH: process.env.PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' },
  ...{ AWS_ENDPOINT_URL_CLOUDFRONT: stub.url, AWS_ACCESS_KEY_ID: STUB_CREDENTIALS.accessKeyId },
  ...{ AWS_SECRET_ACCESS_KEY: STUB_CREDENTIALS.secretAccessKey },
  ...{ ROSTRUM_CDN_ORIGIN_HOST: 'live.example.org', ROSTRUM_CDN_POLL_SECONDS: '0.01' },
  ...env,
});

async function ran(args: readonly string[], env?: Readonly<Record<string, string>>) {
  const program = start(args, env);
  const [stdout, stderr, [code]] = await Promise.all([
    text(program.stdout!),
    text(program.stderr!),
    once(program, 'close'),
  ]);
  return { code, stdout, stderr };
}

test('plan, apply, plan, purge, destroy, from the first to the last', async () => {
  const first = await ran(['plan', '--detailed-exitcode']);
  expect(first).toMatchObject({ code: 2, stdout: expect.stringContaining('+ distribution rostrum') });
  const applied = await ran(['apply']);
  expect(applied).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('ROSTRUM_ORIGIN_PUBLIC_URL=https://e'),
  });
  expect(applied.stderr).toContain('waiting for distribution');
  const second = await ran(['plan', '--detailed-exitcode']);
  expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to do') });
  expect((await ran(['purge', '/assets/*'])).stdout).toContain('Forgotten everywhere: /assets/*');
  const asked = await ran(['destroy']);
  expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
  expect(stub.things('Distribution')).toHaveLength(1);
  expect(await ran(['destroy', '--yes'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Done') });
  expect(stub.things('Distribution')).toEqual([]);
});

test('for programs there is JSON', async () => {
  const bucket = { ROSTRUM_CDN_BUCKET: 'recordings' };
  const { stdout: plan } = await ran(['plan', '--json'], bucket);
  expect(JSON.parse(plan)).toContainEqual(
    expect.objectContaining({ action: 'create', kind: 'distribution', name: 'rostrum' }),
  );
  const { stdout: applied } = await ran(['apply', '--json'], bucket);
  const { id, domainName, arn, changes } = JSON.parse(applied);
  expect(stub.things('Distribution').map((each) => each.id)).toEqual([id]);
  expect(arn).toContain(id);
  expect(domainName).toMatch(/cloudfront\.net$/);
  expect(changes).toBe(JSON.parse(plan).length);
  expect(JSON.parse((await ran(['plan', '--json'], bucket)).stdout)).toEqual([]);
});

test('what the bucket has to allow is said with the changes', async () => {
  const bucket = { ROSTRUM_CDN_BUCKET: 'recordings' };
  const { stdout } = await ran(['apply'], bucket);
  const [{ id } = { id: '' }] = stub.things('Distribution');
  expect(stdout).toContain('"Resource": "arn:aws:s3:::recordings/*"');
  expect(stdout).toContain(`"AWS:SourceArn": "arn:aws:cloudfront::1:distribution/${id}"`);
  expect((await ran(['apply'], bucket)).stdout).not.toContain('AWS:SourceArn');
  const below = { ...bucket, ROSTRUM_CDN_BUCKET_PREFIX: '/shows/' };
  expect((await ran(['apply'], below)).stdout).toContain('"Resource": "arn:aws:s3:::recordings/shows/*"');
});

test('at a terminal destroy asks, and takes no yes for the name', async () => {
  await ran(['apply']);
  const asked = async (typed: string) => {
    // A terminal of its own, as `script` makes it.
    const command = `${process.execPath} --disable-warning=ExperimentalWarning ${SCRIPT} destroy`;
    const program = spawn('script', ['-qec', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: environment({}),
    });
    let said = '';
    for await (const bytes of program.stdout) {
      if (!said.includes('to go on: ') && `${said}${bytes}`.includes('to go on: ')) program.stdin.end(typed);
      said += bytes;
    }
    return said;
  };
  expect(await asked('yes\n')).toContain('Nothing was removed.');
  expect(await asked('\u0003')).toContain('Nothing was removed.');
  expect(stub.things('Distribution')).toHaveLength(1);
  expect(await asked('rostrum\n')).toContain('Done: ');
  expect(stub.things('Distribution')).toEqual([]);
});

test('a key is made, and both are valid until the old one is let go', async () => {
  const [one, two] = [join(folder, 'one.pem'), join(folder, 'two.pem')];
  const { keyFrom } = await import('./cloudfront/keys.ts');
  await keyFrom(one);
  await ran(['apply'], { ROSTRUM_CDN_KEY: one });
  const rotated = await ran(['rotate-keys', '--to', two], { ROSTRUM_CDN_KEY: one });
  expect(rotated).toMatchObject({ code: 0, stdout: expect.stringContaining(`ROSTRUM_CDN_KEY=${two}`) });
  expect(stub.things('KeyGroup')[0]?.config.Items).toHaveLength(2);
  await ran(['rotate-keys', '--finish'], { ROSTRUM_CDN_KEY: two });
  expect(stub.things('PublicKey')).toHaveLength(1);
  expect(stub.exchanges.some(({ request }) => request.includes('PRIVATE'))).toBe(false);
});

test('killed after any change, it goes on and comes to the same, and nothing is made twice', async () => {
  const calm = await CloudFrontStub.open();
  let changes = 0;
  calm.onChange = (_, count) => {
    changes = count;
  };
  const undisturbed = stub;
  stub = calm;
  await ran(['apply']);
  stub = undisturbed;
  const picture = calm.picture();
  await calm.close();
  for (let after = 1; after <= changes; after += 1) {
    await stub.close();
    stub = await CloudFrontStub.open();
    const killed = Promise.withResolvers<void>();
    stub.onChange = async (_, count) => {
      if (count !== after) return;
      program.kill('SIGKILL');
      await once(program, 'exit');
      killed.resolve();
    };
    const program = start(['apply']);
    await killed.promise;
    expect(await ran(['apply'])).toMatchObject({ code: 0 });
    expect(stub.picture()).toBe(picture);
  }
  expect(changes).toBeGreaterThan(5);
}, 300_000);

test.each([
  [['plan'], { ROSTRUM_CDN_ORIGIN_HOST: '' }, 2, 'ROSTRUM_CDN_ORIGIN_HOST is not set'],
  [['plan'], { AWS_ACCESS_KEY_ID: 'AKIAWRONG' }, 1, 'AWS does not take these credentials'],
  [['plan'], { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, 1, 'there are no AWS credentials here'],
  [
    ['plan'],
    { AWS_ENDPOINT_URL_CLOUDFRONT: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' },
    1,
    'cannot be reached',
  ],
  [['plan', '--wrong'], {}, 2, '--wrong'],
  [['purge'], {}, 2, 'purge what?'],
  [['rotate-keys', '--finish'], {}, 2, 'ROSTRUM_CDN_KEY is not set'],
  [['nothing'], {}, 2, 'there is no command "cdn nothing"'],
  [['print', 'nginx'], {}, 2, 'print what?'],
])('%j with %j ends with %i', async (args, env, code, words) => {
  const end = await ran(args, env);
  expect(end.stderr).toContain(words);
  expect(end.code).toBe(code);
  expect(end.stderr).not.toContain('    at ');
});

test('the key’s id is told for who signs; what the origin is shown stands in CloudFront and in no plan', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyFile = join(folder, 'signs.pem');
  await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const [before, after] = ['b'.repeat(40), 'a'.repeat(40)];
  const settings = (secret: string) => ({ ROSTRUM_CDN_KEY: keyFile, ROSTRUM_CDN_SECRET: secret });
  const applied = await ran(['apply'], settings(before));
  const [key] = stub.things('PublicKey');
  expect(applied.stdout).toContain(`ROSTRUM_CDN_KEY_PAIR_ID=${key?.id}`);
  expect(JSON.stringify(stub.things('Distribution'))).toContain(before);
  const plans = await Promise.all([
    ran(['plan'], settings(`${after},${before}`)),
    ran(['plan', '--json'], settings(after)),
  ]);
  for (const { stdout, stderr } of plans) {
    expect(stdout).toContain('CustomHeaders[Rostrum-CDN].HeaderValue');
    expect(stdout + stderr).not.toMatch(new RegExp(`${before}|${after}`));
  }
  await ran(['apply'], settings(after));
  expect(JSON.stringify(stub.things('Distribution'))).toContain(after);
  expect((await ran(['plan', '--detailed-exitcode'], settings(after))).code).toBe(0);
});
