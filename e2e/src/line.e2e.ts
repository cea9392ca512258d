import { execFile, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { run } from './lib/network/commands.ts';
import { type Condition, conditionOf } from './lib/network/conditions.ts';
import { Network } from './lib/network/network.ts';

/** That a bad line is as bad as it says, and that nothing of it stays. Packets go from the home to an echo outside and back. */

const COUNT = 300;
const EVERY_MS = 5;
const BYTES = 500;

let network: Network;
let echo: Socket;
const from = new Set<string>();
let echoed = 0;

beforeAll(async () => {
  network = await Network.open();
  echo = createSocket('udp4');
  echo.bind(0, network.serverIp);
  await once(echo, 'listening');
  echo.on('message', (packet, { port, address }) => {
    from.add(address);
    echoed += 1;
    echo.send(packet, port, address);
  });
}, 30_000);

afterAll(async () => {
  echo?.close();
  await network?.close();
}, 30_000);

/** Round trips of those that came back, ms, the quickest first. */
async function roundTrips(condition: Condition): Promise<number[]> {
  await network.condition(condition);
  const program = `
    const socket = require('node:dgram').createSocket('udp4'), sent = [], trips = [];
    socket.on('message', (packet) => trips.push(performance.now() - sent[packet.readUInt32BE(0)]));
    const timer = setInterval(() => {
      const packet = Buffer.alloc(${BYTES});
      packet.writeUInt32BE(sent.push(performance.now()) - 1);
      socket.send(packet, ${echo.address().port}, '${network.serverIp}');
      if (sent.length < ${COUNT}) return;
      clearInterval(timer);
      setTimeout(() => { console.log(JSON.stringify(trips)); process.exit(); }, 1500);
    }, ${EVERY_MS});`;
  const { stdout } = await promisify(execFile)(await network.program(process.execPath), ['-e', program]);
  await network.lift();
  return (JSON.parse(stdout) as number[]).toSorted((a, b) => a - b);
}

test('a good line loses nothing', async () => {
  expect(await roundTrips(conditionOf('none'))).toHaveLength(COUNT);
});

test('25 % loss each way leaves 56 % of the round trips', async () => {
  const { length } = await roundTrips(conditionOf('loss-25'));
  // Five standard deviations to either side.
  expect(Math.abs(length / COUNT - 0.75 ** 2)).toBeLessThan(0.15);
});

test('loss of one way alone leaves the other as it was', async () => {
  for (const [only, atEcho] of [
    ['down', 1],
    ['up', 0.75],
  ] as const) {
    echoed = 0;
    const { length } = await roundTrips({ ...conditionOf('loss-25'), only });
    expect(Math.abs(length / COUNT - 0.75)).toBeLessThan(0.13);
    expect(Math.abs(echoed / COUNT - atEcho)).toBeLessThan(only === 'down' ? 0.001 : 0.13);
  }
});

test('a limit, or a delay, of one way alone holds that way', async () => {
  const trips = await roundTrips({ ...conditionOf('rtt-150'), only: 'up' });
  expect(trips).toHaveLength(COUNT);
  expect(trips[0]).toBeGreaterThanOrEqual(74);
  expect(trips[0]).toBeLessThan(149);
  echoed = 0;
  const limited = await roundTrips({ ...conditionOf('300-kbit'), only: 'down' });
  expect(echoed).toBe(COUNT);
  expect(limited.at(-1)).toBeGreaterThan(150);
});

test('a limit holds packets up, and loses those that wait for too long', async () => {
  const trips = await roundTrips(conditionOf('300-kbit'));
  // It would be a third; a machine that is full sends less in the time.
  expect(trips.length).toBeLessThan(COUNT);
  expect(trips.at(-1)).toBeGreaterThan(150);
});

test('a delay holds each packet back, and jitter some more than others', async () => {
  const delayed = await roundTrips(conditionOf('rtt-150'));
  expect(delayed).toHaveLength(COUNT);
  expect(delayed[0]).toBeGreaterThanOrEqual(149);
  const jittered = await roundTrips(conditionOf('jitter-30'));
  expect((jittered.at(-10) ?? 0) - (jittered[10] ?? 0)).toBeGreaterThan(40);
  // Up and down leave at the same moments, so a round trip is of one burst, or of two.
  const bursts = await roundTrips(conditionOf('bursts-60'));
  expect(bursts).toHaveLength(COUNT);
  expect((bursts.at(-10) ?? 0) - (bursts[10] ?? 0)).toBeGreaterThan(40);
});

test('a home that moves is seen at another address', async () => {
  const before = network.homeIp;
  await network.moveHome();
  expect(await roundTrips(conditionOf('none'))).toHaveLength(COUNT);
  expect(network.homeIp).not.toBe(before);
  expect(from).toEqual(new Set([before, network.homeIp]));
});

test('what a killed process left is swept by the next one, and nobody else loses theirs', async () => {
  const module = fileURLToPath(new URL('./lib/network/network.ts', import.meta.url));
  const other = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { Network } = await import(${JSON.stringify(module)}); await Network.open(); console.log('open'); setInterval(() => {}, 1e6);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  await once(other.stdout, 'data');
  const ended = once(other, 'exit');
  other.kill('SIGKILL');
  await ended;
  const left = `rostrum-${other.pid}-`;
  expect(await run('ip netns list')).toContain(left);
  await (await Network.open()).close();
  const listed = await run('ip netns list');
  expect(listed).not.toContain(left);
  expect(listed).toContain(`rostrum-${process.pid}-1-home`);
});
