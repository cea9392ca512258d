import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What one packet carries on most networks. */
const PACKET_BYTES = 1400;
/** What waits for the link, of all connections, before senders are held back, as TCP would: a tenth of a second at 5 Mbit/s. */
const QUEUE_BYTES = 64 * 1024;

/** One direction: packets of all connections take turns on a link of so many bits per second, and arrive later. */
class Link {
  bitsPerSecond: number | null = null;
  readonly #delayMs: number;
  readonly #flows: Flow[] = [];
  #freeAtMs = 0;
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  open(from: Socket, to: Socket): void {
    const flow = new Flow(from, to);
    this.#flows.push(flow);
    from.on('data', (chunk: Buffer) => {
      flow.take(chunk);
      this.#waitingBytes += chunk.byteLength;
      if (this.#waitingBytes > QUEUE_BYTES) for (const each of this.#flows) each.from.pause();
      this.#pump();
    });
    from.on('end', () => {
      flow.ended = true;
      this.#pump();
    });
    from.on('close', () => {
      const at = this.#flows.indexOf(flow);
      if (at >= 0 && flow.waiting.length === 0) this.#flows.splice(at, 1);
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const flow of this.#flows) flow.stop();
  }

  #pump(): void {
    clearTimeout(this.#timer);
    const nowMs = performance.now();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs - 2);
    for (;;) {
      const flow = this.#flows.find(({ waiting }) => waiting.length > 0);
      if (!flow) break;
      if (this.#freeAtMs > nowMs) {
        this.#timer = setTimeout(() => this.#pump(), this.#freeAtMs - nowMs);
        return;
      }
      // The one that had its turn stands behind the others again.
      this.#flows.push(...this.#flows.splice(this.#flows.indexOf(flow), 1));
      const packet = flow.next();
      this.#waitingBytes -= packet.byteLength;
      if (this.#waitingBytes < QUEUE_BYTES / 2) for (const each of this.#flows) each.from.resume();
      if (this.bitsPerSecond === null) this.#freeAtMs = nowMs;
      else this.#freeAtMs += (packet.byteLength * 8000) / this.bitsPerSecond;
      flow.deliver(packet, Math.max(nowMs, this.#freeAtMs) + this.#delayMs);
    }
    for (const flow of this.#flows) {
      if (flow.ended) flow.deliver(null, Math.max(nowMs, this.#freeAtMs) + this.#delayMs);
    }
  }
}

class Flow {
  readonly waiting: Buffer[] = [];
  ended = false;
  readonly from: Socket;
  readonly #to: Socket;
  readonly #underWay: { readonly packet: Buffer | null; readonly atMs: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket) {
    this.from = from;
    this.#to = to;
  }

  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.byteLength; at += PACKET_BYTES) {
      this.waiting.push(chunk.subarray(at, at + PACKET_BYTES));
    }
  }

  next(): Buffer {
    return this.waiting.shift() ?? Buffer.alloc(0);
  }

  /** null: nothing more comes. */
  deliver(packet: Buffer | null, atMs: number): void {
    if (packet === null) this.ended = false;
    this.#underWay.push({ packet, atMs });
    if (this.#underWay.length === 1) this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    const [first] = this.#underWay;
    if (first) this.#timer = setTimeout(() => this.#arrive(), Math.max(0, first.atMs - performance.now()));
  }

  #arrive(): void {
    const nowMs = performance.now();
    for (;;) {
      const [first] = this.#underWay;
      if (!first || first.atMs > nowMs + 0.5) break;
      this.#underWay.shift();
      if (this.#to.destroyed) continue;
      if (first.packet === null) this.#to.end();
      else this.#to.write(first.packet);
    }
    this.#arm();
  }
}

/**
 * A network between two programs on one machine: TCP connections to `port` go on to the target, each way later by
 * `delayMs`, and what comes back shares a link of so many bits per second. Connections themselves are made without delay.
 */
export class TcpRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #up: Link;
  readonly #down: Link;
  #targetPort: number | null = null;

  private constructor(server: Server, delayMs: number) {
    this.#server = server;
    this.#up = new Link(delayMs);
    this.#down = new Link(delayMs);
  }

  static async open(
    options: { readonly delayMs?: number; readonly targetPort?: number } = {},
  ): Promise<TcpRelay> {
    const server = createServer({ allowHalfOpen: true });
    const relay = new TcpRelay(server, options.delayMs ?? 0);
    relay.#targetPort = options.targetPort ?? null;
    server.on('connection', (client) => relay.#connect(client));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Where connections go on to, where that was not known at the start. */
  goOnTo(targetPort: number): void {
    this.#targetPort = targetPort;
  }

  /** For what comes from the target, over all connections together; null: no limit. */
  limit(bitsPerSecond: number | null): void {
    this.#down.bitsPerSecond = bitsPerSecond;
  }

  #connect(client: Socket): void {
    if (this.#targetPort === null) {
      client.destroy();
      return;
    }
    const target = connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, target]) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      // Either end may vanish at any time: the other is told, and that is all there is to do.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    this.#up.open(client, target);
    this.#down.open(target, client);
  }

  async close(): Promise<void> {
    this.#up.close();
    this.#down.close();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
