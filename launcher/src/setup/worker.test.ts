import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createWorker } from 'mediasoup';
import type { PlainTransport, Router, SrtpCryptoSuite, Worker } from 'mediasoup/types';
import { checkout } from '../paths.ts';
import { downloadWorker, prebuiltUrl, sourceMends, workerPath, workerRuns } from './worker.ts';

const opus = { mimeType: 'audio/opus', clockRate: 48000, channels: 2 } as const;
const packets = 50;

function rtpPacket(index: number): Buffer {
  const packet = Buffer.alloc(12);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(100, 1);
  packet.writeUInt16BE(index, 2);
  packet.writeUInt32BE(index * 960, 4);
  packet.writeUInt32BE(1111, 8);
  return Buffer.concat([packet, Buffer.from(`packet ${index};`)]);
}

/** Two transports of one worker that send to each other over the loopback. */
async function connectedPair(
  routers: [Router, Router],
  suite: SrtpCryptoSuite | undefined,
): Promise<[PlainTransport, PlainTransport]> {
  const create = (router: Router) =>
    router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
      ...(suite ? { enableSrtp: true, srtpCryptoSuite: suite } : {}),
    });
  const [a, b] = [await create(routers[0]), await create(routers[1])];
  const connect = (from: PlainTransport, to: PlainTransport) =>
    from.connect({
      ip: '127.0.0.1',
      port: to.tuple.localPort,
      ...(to.rtcpTuple ? { rtcpPort: to.rtcpTuple.localPort } : {}),
      ...(to.srtpParameters ? { srtpParameters: to.srtpParameters } : {}),
    });
  await connect(a, b);
  await connect(b, a);
  return [a, b];
}

describe('the worker that was brought', () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await createWorker({ workerBin: await workerPath() });
  });
  afterAll(() => worker.close());

  test('offers a WebRTC server on UDP and TCP', async () => {
    const server = await worker.createWebRtcServer({
      listenInfos: [
        { protocol: 'udp', ip: '127.0.0.1' },
        { protocol: 'tcp', ip: '127.0.0.1' },
      ],
    });
    const dump = await server.dump();
    expect([dump.udpSockets.length, dump.tcpServers.length]).toEqual([1, 1]);
    server.close();
  });

  test.each([
    undefined,
    'AEAD_AES_256_GCM',
    'AEAD_AES_128_GCM',
    'AES_CM_128_HMAC_SHA1_80',
    'AES_CM_128_HMAC_SHA1_32',
  ] as const)('carries every packet from one router to another, unchanged (SRTP: %s)', async (suite) => {
    const createRouter = () =>
      worker.createRouter({ mediaCodecs: [{ kind: 'audio', preferredPayloadType: 100, ...opus }] });
    const routers: [Router, Router] = [await createRouter(), await createRouter()];
    const [sender, receiver] = await connectedPair(routers, suite);
    const source = await (await routers[0].createDirectTransport()).produce({
      kind: 'audio',
      rtpParameters: { codecs: [{ ...opus, payloadType: 100 }], encodings: [{ ssrc: 1111 }] },
    });
    const sent = await sender.consume({
      producerId: source.id,
      rtpCapabilities: routers[0].rtpCapabilities,
    });
    const received = await receiver.produce({ kind: 'audio', rtpParameters: sent.rtpParameters });
    const sink = await (await routers[1].createDirectTransport()).consume({
      producerId: received.id,
      rtpCapabilities: routers[1].rtpCapabilities,
    });
    const payloads: string[] = [];
    sink.on('rtp', (packet) => payloads.push(/packet \d+;/.exec(packet.toString('latin1'))?.[0] ?? ''));
    for (let index = 0; index < packets; index++) {
      source.send(rtpPacket(index));
      await delay(2);
    }
    while (payloads.length < packets) await delay(10);
    expect(payloads).toEqual(Array.from({ length: packets }, (_, index) => `packet ${index};`));
    for (const router of routers) router.close();
  });
});

describe('bringing the worker', () => {
  test('a file that is missing, or is something else, is not a worker', async () => {
    const dir = mkdtempSync(`${tmpdir()}/rostrum-worker-`);
    writeFileSync(`${dir}/worker`, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    expect(await workerRuns(`${dir}/worker`)).toBe(false);
    expect(await workerRuns(`${dir}/none`)).toBe(false);
    expect(await workerRuns(await workerPath())).toBe(true);
    rmSync(dir, { recursive: true });
  });

  test("the prebuilt one is asked for where mediasoup's own install script asks for it", async () => {
    const { version } = JSON.parse(readFileSync(`${checkout}/node_modules/mediasoup/package.json`, 'utf8'));
    expect(await prebuiltUrl()).toMatch(
      `https://github.com/versatica/mediasoup/releases/download/${version}/mediasoup-worker-${version}-linux-`,
    );
  });

  describe('from a release page', () => {
    let dir = '';
    beforeEach(() => {
      dir = mkdtempSync(`${tmpdir()}/rostrum-download-`);
    });
    afterEach(() => {
      delete process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL;
      rmSync(dir, { recursive: true });
    });

    /** Downloads from a page that answers as it is told. */
    async function downloadFrom(answer: RequestListener): Promise<string> {
      const page = createServer(answer).listen(0, '127.0.0.1');
      await once(page, 'listening');
      process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
      try {
        return await downloadWorker(dir, { answerMs: 500, wholeMs: 20_000 });
      } finally {
        page.closeAllConnections();
        page.close();
      }
    }

    test('the worker in the archive is unpacked and runs', async () => {
      const worker = await workerPath();
      const archive = execFileSync('tar', ['-czf', '-', '-C', dirname(worker), basename(worker)], {
        maxBuffer: 64 * 1024 * 1024,
      });
      const got = await downloadFrom((_request, response) => response.end(archive));
      expect(got).toBe(`${dir}/mediasoup-worker`);
      expect(await workerRuns(got)).toBe(true);
    });

    test('one that has none, sends something else, or does not answer is given up', async () => {
      await expect(downloadFrom((_request, response) => response.writeHead(404).end())).rejects.toThrow(
        'answered 404',
      );
      await expect(downloadFrom((_request, response) => response.end('<html>'))).rejects.toThrow(
        'is not a tar archive',
      );
      await expect(downloadFrom(() => {})).rejects.toThrow('no answer within 0.5 s');
    });
  });

  test('every mend finds its one place in the source', () => {
    for (const { file, from } of sourceMends) {
      const source = readFileSync(`${checkout}/node_modules/mediasoup/worker/${file}`, 'utf8');
      expect([file, source.split(from).length - 1]).toEqual([file, 1]);
    }
  });
});
