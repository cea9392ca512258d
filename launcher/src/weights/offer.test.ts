import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { readCpuGroup, readOffer } from './offer.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(`${tmpdir()}/rostrum-offer-`);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function files(contents: Record<string, string>): void {
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(`${dir}/${path}`), { recursive: true });
    writeFileSync(`${dir}/${path}`, text);
  }
}

const v2 = () => `30 20 0:26 / ${dir} rw,nosuid - cgroup2 cgroup2 rw`;
const v1 = () => `31 20 0:27 / ${dir} rw,nosuid - cgroup cgroup rw,cpu,cpuacct`;

describe('the cpu cgroup', () => {
  test('of a session that systemd runs is below the root, and closed when others are in it', () => {
    const path = 'user.slice/session-1.scope';
    files({
      'cgroup.controllers': 'cpu io memory\n',
      [`${path}/cgroup.type`]: 'domain\n',
      [`${path}/cpu.weight`]: '100\n',
      [`${path}/cgroup.controllers`]: 'cpu memory\n',
      [`${path}/cgroup.subtree_control`]: '',
      [`${path}/cgroup.procs`]: `17\n${process.pid}\n`,
    });
    expect(readCpuGroup(`0::/${path}`, v2())).toEqual({
      ...{ is: 'below', version: 2, dir: `${dir}/${path}`, open: false },
    });
    writeFileSync(`${dir}/${path}/cgroup.procs`, `${process.pid}\n`);
    expect(readCpuGroup(`0::/${path}`, v2())).toMatchObject({ is: 'below', open: true });
  });

  test('is the root where the controller divides nothing above it', () => {
    files({
      'cgroup.controllers': 'cpu memory\n',
      'user.slice/cgroup.type': 'domain\n',
      'user.slice/cgroup.controllers': 'memory\n',
    });
    expect(readCpuGroup('0::/user.slice', v2())).toEqual({ is: 'none' });
    expect(readCpuGroup('0::/', v2())).toMatchObject({ is: 'root', version: 2 });
  });

  test('of a container is below the root though it is the root of what the container sees', () => {
    files({ 'cgroup.type': 'domain\n', 'cpu.weight': '100\n', 'cgroup.controllers': 'cpu\n' });
    expect(readCpuGroup('0::/', v2())).toMatchObject({ is: 'below', open: false });
  });

  test('in version 1 is told by what only the root has', () => {
    files({ release_agent: '', 'limited/cpu.shares': '1024\n' });
    const lines = (path: string) => `2:memory:/\n1:cpu,cpuacct:${path}\n0::/`;
    expect(readCpuGroup(lines('/'), v1())).toEqual({ is: 'root', version: 1, dir, open: true });
    expect(readCpuGroup(lines('/limited'), v1())).toMatchObject({ is: 'below', dir: `${dir}/limited` });
  });

  test('is none where there are no cgroups', () => {
    expect(readCpuGroup('', '')).toEqual({ is: 'none' });
  });
});

test('what may be given is told by capability and limit, and nothing where there is no such kernel', () => {
  files({
    'sys/kernel/sched_autogroup_enabled': '1\n',
    'self/status': 'CapEff:\t0000000000800000\n',
    'self/limits': 'Max nice priority         0                    0\n',
  });
  expect(readOffer(dir)).toMatchObject({ autogroup: 'on', lowestNice: -20 });
  files({
    'sys/kernel/sched_autogroup_enabled': '0\n',
    'self/status': 'CapEff:\t0000000000000000\n',
    'self/limits': 'Max nice priority         31                   31\n',
  });
  expect(readOffer(dir)).toMatchObject({ autogroup: 'off', lowestNice: -11 });
  expect(readOffer(`${dir}/nothing`)).toMatchObject({ autogroup: 'absent', cpuGroup: { is: 'none' } });
});
