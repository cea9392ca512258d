import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { printed } from './print.ts';
import { varnishVcl } from './generators/varnish.ts';

const run = promisify(execFile);
const VARNISHD = '/usr/sbin/varnishd';
const withVarnish = existsSync(VARNISHD) ? test : test.skip;

test('the program prints a CloudFront plan as JSON', async () => {
  const script = fileURLToPath(new URL('./print.ts', import.meta.url));
  const { stdout } = await run(
    process.execPath,
    [script, 'cloudfront', '--origin-host', 'live.example.org'],
    {
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  const plan = JSON.parse(stdout);
  expect(Object.keys(plan)).toEqual(['cachePolicies', 'originRequestPolicy', 'distribution']);
  expect(plan.distribution.DistributionConfig.Origins.Items[0].DomainName).toBe('live.example.org');
  expect(plan.distribution.DistributionConfig.DefaultCacheBehavior.CachePolicyId).toBe(
    '<Id of rostrum-pages>',
  );
});

test.each([
  [['cloudfront'], '--origin-host'],
  [['varnish', '--origin-port', '70000'], '--origin-port'],
  [['varnish', '--origin-host', 'a"; }'], '--origin-host'],
  [['nginx'], 'usage'],
  [[], 'usage'],
])('%j is refused with what is wrong', (argv, message) => {
  expect(() => printed(argv)).toThrow(message);
});

test('a host that would break out of the VCL is refused', () => {
  expect(() => varnishVcl({ originHost: 'x";}', originPort: 80 })).toThrow(RangeError);
  expect(() => varnishVcl({ originHost: 'origin', originPort: 0 })).toThrow(RangeError);
});

withVarnish(
  '[LL23] the VCL compiles',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rostrum-vcl-'));
    try {
      const path = join(folder, 'edge.vcl');
      await writeFile(path, printed(['varnish', '--origin-port', '8081']));
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
