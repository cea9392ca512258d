import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CommandInput,
  type CommandOutput,
  NODE_NAMESPACE,
  type NodeNotice,
  PERSON_NAMESPACE,
  type PersonCommand,
  QualityReport,
  type Result,
  RostrumError,
  receivesVp9,
  type ScreenCodec,
  type SfuInput,
  type SfuMethod,
  type SfuOutput,
  type StageProducer,
  type WebinarView,
} from '@rostrum/contracts';
import { Server, type Socket } from 'socket.io';

/**
 * As much of a coordinator as the Chromium test needs: whoever names themselves is let in, media commands go to the
 * one node, notices go to whom they concern. The real one is `host-console`.
 */
export interface TestCoordinator {
  readonly url: string;
  ask<M extends SfuMethod>(method: M, input: SfuInput<M>): Promise<SfuOutput<M>>;
  readonly producers: ReadonlyMap<string, StageProducer>;
  readonly notices: NodeNotice[];
  /** The last one of each person. */
  readonly reports: ReadonlyMap<string, QualityReport>;
  /** Breaks a person's connection, as a network would. */
  dropPerson(personId: string): void;
  close(): Promise<void>;
}

/** What somebody asks for on their way to the stage, and on it. */
type MediaCommand = Extract<PersonCommand, `media:${string}` | 'consent:answer'>;
type MediaHandlers = { [C in MediaCommand]: (input: CommandInput<C>) => Promise<CommandOutput<C>> };

const RESUME_GRACE_MS = 3000;
const ROOM = { roomId: 'test-room' };

export async function startTestCoordinator(
  pages: Readonly<Record<string, string>>,
  {
    host = '127.0.0.1',
    iceServers = () => [],
  }: {
    readonly host?: string;
    readonly iceServers?: (personId: string) => Record<string, unknown>[];
  } = {},
): Promise<TestCoordinator> {
  const http = createServer((request, response) => {
    const body = pages[(request.url ?? '/').split('?', 1)[0] ?? '/'];
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': request.url?.includes('.js') ? 'text/javascript' : 'text/html',
    });
    response.end(body ?? '');
  });
  const io = new Server(http);
  const producers = new Map<string, StageProducer>();
  const notices: NodeNotice[] = [];
  const reports = new Map<string, QualityReport>();
  const people = new Map<string, Socket>();
  const joined = new Set<string>();
  const prepared = new Set<string>();
  const leaving = new Map<string, NodeJS.Timeout>();
  let node: Socket | null = null;
  let screenCodec: ScreenCodec = 'VP9';

  async function ask<M extends SfuMethod>(method: M, input: SfuInput<M>): Promise<SfuOutput<M>> {
    if (!node) throw new RostrumError('no-sfu', 'no node');
    const result = (await node.timeout(5000).emitWithAck('rpc', method, input)) as Result<SfuOutput<M>>;
    if (!result.ok) throw new RostrumError(result.error.code, result.error.message);
    return result.value;
  }
  const others = (personId: string): Socket[] =>
    [...people].filter(([id]) => id !== personId).map(([, socket]) => socket);
  const producerGone = (producerId: string): void => {
    const gone = producers.get(producerId);
    if (!producers.delete(producerId) || !gone) return;
    for (const socket of others(gone.personId)) socket.emit('media.producerClosed', { producerId });
  };
  const leave = async (personId: string): Promise<void> => {
    joined.delete(personId);
    for (const p of [...producers.values()]) if (p.personId === personId) producerGone(p.producerId);
    if (node) await ask('person.close', { ...ROOM, personId });
  };

  io.of(NODE_NAMESPACE).on('connection', (socket) => {
    node = socket;
    socket.on('disconnect', () => {
      if (node === socket) node = null;
    });
    socket.on('notice', (notice: NodeNotice) => {
      notices.push(notice);
      if (notice.type === 'producer.closed') producerGone(notice.producerId);
      if (notice.type === 'consumer.closed') {
        people.get(notice.personId)?.emit('media.consumerClosed', { consumerId: notice.consumerId });
      }
      if (notice.type === 'consumer.layer') {
        const { consumerId, spatialLayer } = notice;
        people.get(notice.personId)?.emit('media.consumerLayer', { consumerId, spatialLayer });
      }
      if (notice.type === 'speakers')
        for (const s of people.values()) s.emit('media.speakers', notice.speakers);
      if (notice.type === 'room.lost') {
        producers.clear();
        joined.clear();
        for (const s of people.values()) s.emit('media.reset', { reason: 'node-lost' });
      }
    });
  });

  const commands = (personId: string): MediaHandlers => {
    const mine = { ...ROOM, personId };
    return {
      'media:prepare': async () => {
        await leave(personId);
        prepared.add(personId);
        const { rtpCapabilities } = await ask('room.open', ROOM);
        return { routerRtpCapabilities: rtpCapabilities, iceServers: [] };
      },
      'media:join': async ({ resume = false, prepared: prepares = false }) => {
        clearTimeout(leaving.get(personId));
        const kept = prepared.delete(personId) && prepares;
        const resumed = kept || (resume && joined.has(personId));
        if (!resumed) await leave(personId);
        const { rtpCapabilities } = await ask('room.open', ROOM);
        joined.add(personId);
        return {
          resumed,
          routerRtpCapabilities: rtpCapabilities,
          iceServers: iceServers(personId),
          producers: [...producers.values()].filter((p) => p.personId !== personId),
          screenCodec,
        };
      },
      'media:leave': () => leave(personId).then(() => null),
      'media:createTransport': (input) => ask('transport.create', { ...input, ...mine }),
      'media:connectTransport': (input) => ask('transport.connect', { ...input, ...mine }),
      'media:restartIce': async (input) => ({
        ...(await ask('transport.restartIce', { ...input, ...mine })),
        iceServers: iceServers(personId),
      }),
      'media:produce': async ({ paused = false, ...input }) => {
        const { producerId } = await ask('producer.create', { ...input, paused, ...mine });
        const added: StageProducer = { producerId, personId, source: input.source, paused };
        producers.set(producerId, added);
        for (const socket of others(personId)) socket.emit('media.producerAdded', added);
        return { producerId };
      },
      'media:pauseProducer': async (input) => {
        await ask('producer.pause', { ...input, ...mine });
        const before = producers.get(input.producerId);
        if (before) producers.set(input.producerId, { ...before, paused: input.paused });
        for (const socket of others(personId)) socket.emit('media.producerPaused', input);
        return null;
      },
      'media:closeProducer': async (input) => {
        await ask('producer.close', { ...input, ...mine });
        producerGone(input.producerId);
        return null;
      },
      'media:consume': (input) => {
        if (screenCodec === 'VP9' && !receivesVp9(input.rtpCapabilities)) {
          screenCodec = 'VP8';
          for (const s of people.values()) s.emit('media.screenCodec', { codec: screenCodec });
        }
        return ask('consumer.create', { ...input, ...mine });
      },
      'media:updateConsumer': (input) => ask('consumer.update', { ...input, ...mine }),
      'media:closeConsumer': (input) => ask('consumer.close', { ...input, ...mine }),
      'consent:answer': async () => null,
      'media:quality': async (report) => {
        reports.set(personId, QualityReport.parse(report));
        return null;
      },
    };
  };

  io.of(PERSON_NAMESPACE).on('connection', (socket) => {
    const personId = String(socket.handshake.auth.token);
    people.set(personId, socket);
    for (const [name, typed] of Object.entries(commands(personId))) {
      const run = typed as (input: unknown) => Promise<unknown>;
      socket.on(name, (input: unknown, ack: (result: Result<unknown>) => void) => {
        run(input).then(
          (value) => ack({ ok: true, value }),
          (error: unknown) =>
            ack({
              ok: false,
              error:
                error instanceof RostrumError
                  ? error.toFailure()
                  : { code: 'node-timeout', message: String(error) },
            }),
        );
      });
    }
    socket.on('disconnect', () => {
      if (people.get(personId) !== socket) return;
      people.delete(personId);
      const graceful = setTimeout(() => {
        leave(personId).catch(() => undefined); // the node may be stopping too
      }, RESUME_GRACE_MS);
      leaving.set(personId, graceful.unref());
    });
    const self = { personId, name: personId, role: 'panelist', guest: false, hand: 'down' };
    socket.emit('sync', { kind: 'snapshot', seq: 1, view: { self } as WebinarView }, Date.now());
  });

  await new Promise<void>((listening) => {
    http.listen(0, host, listening);
  });
  return {
    url: `http://${host}:${(http.address() as AddressInfo).port}`,
    ask,
    producers,
    notices,
    reports,
    dropPerson: (personId) => people.get(personId)?.conn.close(),
    close: () =>
      new Promise((done) => {
        void io.close(() => done());
      }),
  };
}
