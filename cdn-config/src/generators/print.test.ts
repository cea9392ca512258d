import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { printed } from './print.ts';
import { varnishVcl } from './varnish.ts';

const run = promisify(execFile);
const VARNISHD = '/usr/sbin/varnishd';
const withVarnish = existsSync(VARNISHD) ? test : test.skip;

const env = { ROSTRUM_CDN_ORIGIN_HOST: 'live.example.org' };

test('the program prints what should stand in CloudFront as JSON, in the order in which it can be made', async () => {
  const script = fileURLToPath(new URL('../cdn.ts', import.meta.url));
  const { stdout } = await run(process.execPath, [script, 'print', 'json'], {
    env: { ...process.env, ...env, NODE_OPTIONS: '' },
  });
  const desired = JSON.parse(stdout);
  expect(Object.keys(desired)).toEqual([
    'cache-policy',
    'origin-request-policy',
    'response-headers-policy',
    'distribution',
  ]);
  const [distribution] = desired.distribution;
  expect(distribution.Origins.Items[0].DomainName).toBe('live.example.org');
  expect(distribution.DefaultCacheBehavior.CachePolicyId).toBe('<id of the cache-policy rostrum-pages>');
});

test('HAProxy’s configuration is printed too', () => {
  expect(printed(['haproxy', '--pem', '/etc/edge.pem'], {})).toContain("ssl crt '/etc/edge.pem'");
});

test.each([
  [['json'], 'ROSTRUM_CDN_ORIGIN_HOST'],
  [['terraform'], 'ROSTRUM_CDN_ORIGIN_HOST'],
  [['haproxy'], '--pem'],
  [['varnish', '--origin-port', '70000'], '--origin-port'],
  [['varnish', '--origin-host', 'a"; }'], '--origin-host'],
  [['nginx'], 'print what'],
  [[], 'print what'],
])('%j is refused with what is wrong', (argv, message) => {
  expect(() => printed(argv, {})).toThrow(message);
});

test('a host that would break out of the VCL is refused', () => {
  expect(() => varnishVcl({ originHost: 'x";}', originPort: 80, rightsVerified: false })).toThrow(RangeError);
  expect(() => varnishVcl({ originHost: 'origin', originPort: 0, rightsVerified: false })).toThrow(
    RangeError,
  );
});

withVarnish(
  '[LL23] the VCL compiles',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rostrum-vcl-'));
    try {
      const path = join(folder, 'edge.vcl');
      await writeFile(path, printed(['varnish', '--origin-port', '8081'], {}));
      const { stderr } = await run(VARNISHD, ['-j', 'none', '-C', '-f', path, '-n', join(folder, 'work')], {
        maxBuffer: 1e8,
      });
      expect(stderr).toContain('vcl_recv');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  30_000,
);
