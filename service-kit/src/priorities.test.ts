import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { priorities, setNice, threadsOf } from './priorities.ts';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** The niceness that the kernel holds for each thread of a process: field 19 of its stat. */
const niceOfThreads = (pid: number): number[] =>
  threadsOf(pid).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });

test('the coordinator goes before the stage, the stage before the picture, and the demo comes last', () => {
  const order = ['host-console', 'panel-sfu', 'broadcaster', 'edge', 'tools', 'demo'] as const;
  for (const number of ['groupNice', 'nice'] as const) {
    const weights = order.map((role) => priorities[role][number] ?? Number.NaN);
    expect(weights).toEqual([...weights].sort((a, b) => a - b));
    expect(new Set(weights).size).toBe(order.length);
  }
  expect(priorities.compositor.nice).toBeLessThan(priorities.broadcaster.nice);
  expect(priorities.compositor.nice).toBeGreaterThan(priorities['panel-sfu'].nice);
});

const onLinux = platform() === 'linux' ? test : test.skip;

onLinux('a niceness is that of all threads of a process, and more is allowed to anybody', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("here"); setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  expect(threadsOf(pid).length).toBeGreaterThan(1);
  setNice(pid, priorities.demo.nice);
  expect(new Set(niceOfThreads(pid))).toEqual(new Set([priorities.demo.nice]));
});

test('a niceness that is not allowed is told, with what it needs', async () => {
  // Whether it is allowed here or not: either the kernel holds it then, or it says why not.
  const program = `import { takeNice } from ${JSON.stringify(new URL('./priorities.ts', import.meta.url).href)};
    import { getPriority } from 'node:os';
    console.log(JSON.stringify([takeNice('broadcaster'), getPriority()]));`;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
      ...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
    },
  );
  const [line] = await once(child.stdout, 'data');
  const [wrong, nice] = JSON.parse(String(line)) as [string | null, number];
  if (wrong === null) expect(nice).toBe(priorities.broadcaster.nice);
  else expect(wrong).toMatch(/no niceness of -10 for the broadcaster .*needs root or CAP_SYS_NICE/);
});
