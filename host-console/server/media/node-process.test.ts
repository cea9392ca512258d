import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { Server } from 'socket.io';
import { until } from '../testing/house.ts';
import { createNodeRegistry, type NodeRegistry } from './node-registry.ts';

/** Real processes that are stopped, killed and hang, and what the registry makes of it. */
const NODE = fileURLToPath(new URL('../testing/node-process.ts', import.meta.url));
const TOKEN = 'a node token for these tests only!';

let http: HttpServer;
let io: Server;
let url: string;
let registry: NodeRegistry;
let heard: string[];
const children: ChildProcess[] = [];

beforeEach(async () => {
  http = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  // Pings go unanswered sooner than in operation, so that the tests need not wait for it.
  io = new Server(http, { pingInterval: 1500, pingTimeout: 6000 });
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  heard = [];
  registry = createNodeRegistry({
    io,
    nodeToken: TOKEN,
    logger: pino({ level: 'silent' }),
    nowMs: () => performance.now(),
    listener: {
      nodeUp: ({ nodeId }, returned) => heard.push(`${nodeId} ${returned ? 'returned' : 'up'}`),
      nodeMoved: ({ nodeId, state }) => heard.push(`${nodeId} ${state.is}`),
      nodeDown: ({ nodeId }, why) => heard.push(`${nodeId} down: ${why}`),
      nodeBeat: () => undefined,
      notice: () => undefined,
    },
  });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  registry.close();
  await io.close();
});

async function launch(nodeId: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [NODE, url, TOKEN, nodeId], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  await within(20_000, () => heard.includes(`${nodeId} up`));
  return child;
}

async function within(ms: number, check: () => boolean): Promise<void> {
  const endMs = performance.now() + ms;
  while (!check()) {
    if (performance.now() > endMs) throw new Error(`not within ${ms} ms; heard: ${heard.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a stopped process is late, not lost, when it is the only one, and goes on where it was', async () => {
  const child = await launch('sfu1');
  child.kill('SIGSTOP');
  await within(6000, () => heard.includes('sfu1 late'));
  // Its pings go unanswered, so that the socket is closed on our side; the process may come back all the same.
  await within(15_000, () => registry.sfuNodes().length === 0);
  expect(registry.all().map((n) => n.state.is)).toEqual(['late']);
  child.kill('SIGCONT');
  await within(10_000, () => heard.includes('sfu1 returned'));
  await within(5000, () => registry.sfuNodes().length === 1);
  expect(heard.filter((h) => h.includes('down'))).toEqual([]);
});

test('a stopped process is given up within seconds when there is another', async () => {
  const child = await launch('sfu1');
  await launch('sfu2');
  child.kill('SIGSTOP');
  await within(5000, () => heard.includes('sfu1 down: silent'));
  expect(registry.sfuNodes().map((n) => n.nodeId)).toEqual(['sfu2']);
});

test('a process whose main loop is busy is late while its thread beats, and its answer is waited for', async () => {
  await launch('sfu1');
  const [node] = registry.sfuNodes();
  if (!node) throw new Error('no node');
  const hung = registry.sfu(node, 'room.open', { roomId: '4000' }).catch((error: unknown) => error);
  await within(4000, () => heard.includes('sfu1 late'));
  expect(node.state).toEqual({ is: 'late', why: 'loop' });
  expect(node.silentMs).toBeLessThan(2000);
  await within(6000, () => heard.includes('sfu1 here'));
  await hung;
  expect(heard.filter((h) => h.includes('down'))).toEqual([]);
});

test('a process whose main loop hangs is given up for another, though its thread beats', async () => {
  await launch('sfu1');
  const [node] = registry.sfuNodes();
  if (!node) throw new Error('no node');
  await launch('sfu2');
  registry.sfu(node, 'room.open', { roomId: '60000' }).catch(() => undefined);
  await within(12_000, () => heard.some((h) => h.startsWith('sfu1 down')));
  expect(heard).toContain('sfu1 down: hung');
});

test('a killed process is noticed by its connection, and replaced as soon as its successor dials in', async () => {
  const child = await launch('sfu1');
  heard = [];
  child.kill('SIGKILL');
  await until(() => heard.includes('sfu1 late') && registry.sfuNodes().length === 0);
  await launch('sfu1');
  expect(heard).toEqual(['sfu1 late', 'sfu1 down: restarted', 'sfu1 up']);
});
