/** A TURN client (RFC 8656) that does what a browser would not: it asks for peers it should not get, and says what it was told. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { bytesOf } from '../ranges.ts';
import { header, MAGIC_COOKIE } from '../stun.ts';

const METHOD = {
  allocate: 0x003,
  refresh: 0x004,
  permission: 0x008,
  channel: 0x009,
  connect: 0x00a,
} as const;
const SEND_INDICATION = 0x0016;
const DATA_INDICATION = 0x0017;
const ATTRIBUTE = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  channel: 0x000c,
  lifetime: 0x000d,
  peer: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  relayed: 0x0016,
  family: 0x0017,
  transport: 0x0019,
} as const;

type Attributes = Map<number, Buffer>;
/** Of an attribute; some depend on the message's transaction. */
type Value = Buffer | ((transaction: Buffer) => Buffer);
interface Message {
  readonly type: number;
  readonly transaction: Buffer;
  readonly attributes: Attributes;
}
/** How a request was answered: 0 for success, else the error code. */
export type Answer = { readonly code: number; readonly attributes: Attributes };

export interface Way {
  readonly ip: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
}

interface Pipe {
  send(bytes: Buffer): void;
  close(): void;
  readonly closed: Promise<void>;
}

export class TurnClient {
  readonly #pipe: Pipe;
  readonly #credentials: { username: string; credential: string };
  readonly #waiting = new Map<string, (message: Message) => void>();
  #realm = '';
  #nonce: Buffer = Buffer.alloc(0);
  /** What peers sent us through the relay, oldest first. */
  readonly received: Buffer[] = [];

  private constructor(pipe: Pipe, credentials: { username: string; credential: string }) {
    this.#pipe = pipe;
    this.#credentials = credentials;
  }

  static async open(way: Way, credentials: { username: string; credential: string }): Promise<TurnClient> {
    let take = (_bytes: Buffer): void => undefined;
    const pipe = await openPipe(way, (bytes) => take(bytes));
    const client = new TurnClient(pipe, credentials);
    take = (bytes) => client.#take(bytes);
    return client;
  }

  /** Allocates, with the server's challenge answered. `family`: of the relayed address asked for. */
  async allocate(family?: 4 | 6, transport: 'udp' | 'tcp' = 'udp'): Promise<Answer> {
    const wanted: [number, Value][] = [
      [ATTRIBUTE.transport, Buffer.from([transport === 'udp' ? 17 : 6, 0, 0, 0])],
      ...(family
        ? [[ATTRIBUTE.family, Buffer.from([family === 4 ? 1 : 2, 0, 0, 0])] as [number, Value]]
        : []),
    ];
    const challenge = await this.#ask(METHOD.allocate, wanted, false);
    this.#realm = challenge.attributes.get(ATTRIBUTE.realm)?.toString() ?? '';
    this.#nonce = challenge.attributes.get(ATTRIBUTE.nonce) ?? Buffer.alloc(0);
    if (challenge.code !== 401) return challenge;
    return this.#ask(METHOD.allocate, wanted, true);
  }
  permit(peerIp: string): Promise<Answer> {
    return this.#ask(METHOD.permission, [[ATTRIBUTE.peer, xorAddress(peerIp, 9)]], true);
  }
  bindChannel(peerIp: string, port: number): Promise<Answer> {
    const channel = Buffer.from([0x40, 0x00, 0, 0]);
    return this.#ask(
      METHOD.channel,
      [
        [ATTRIBUTE.channel, channel],
        [ATTRIBUTE.peer, xorAddress(peerIp, port)],
      ],
      true,
    );
  }
  refresh(): Promise<Answer> {
    return this.#ask(METHOD.refresh, [[ATTRIBUTE.lifetime, Buffer.from([0, 0, 2, 0x58])]], true);
  }
  /** Sends to a peer, with or without its permission. */
  send(peerIp: string, port: number, data: Buffer): void {
    this.#pipe.send(
      encode(SEND_INDICATION, randomBytes(12), [
        [ATTRIBUTE.peer, xorAddress(peerIp, port)],
        [ATTRIBUTE.data, data],
      ]),
    );
  }
  get closed(): Promise<void> {
    return this.#pipe.closed;
  }
  close(): void {
    this.#pipe.close();
  }

  async #ask(method: number, attributes: readonly [number, Value][], signed: boolean): Promise<Answer> {
    const transaction = randomBytes(12);
    const { username, credential } = this.#credentials;
    const bytes = signed
      ? sign(
          encode(method, transaction, [
            ...attributes,
            [ATTRIBUTE.username, Buffer.from(username)],
            [ATTRIBUTE.realm, Buffer.from(this.#realm)],
            [ATTRIBUTE.nonce, this.#nonce],
          ]),
          createHash('md5').update(`${username}:${this.#realm}:${credential}`).digest(),
        )
      : encode(method, transaction, attributes);
    const answered = new Promise<Message>((resolve) => {
      this.#waiting.set(transaction.toString('hex'), resolve);
    });
    this.#pipe.send(bytes);
    const again = setInterval(() => this.#pipe.send(bytes), 500);
    const answer = await answered.finally(() => clearInterval(again));
    const error = answer.attributes.get(ATTRIBUTE.error);
    return { code: error ? error.readUInt8(2) * 100 + error.readUInt8(3) : 0, attributes: answer.attributes };
  }

  #take(bytes: Buffer): void {
    const message = decode(bytes);
    if (message.type === DATA_INDICATION) {
      const data = message.attributes.get(ATTRIBUTE.data);
      if (data) this.received.push(data);
      return;
    }
    const id = message.transaction.toString('hex');
    this.#waiting.get(id)?.(message);
    this.#waiting.delete(id);
  }
}

function encode(type: number, transaction: Buffer, attributes: readonly [number, Value][]): Buffer {
  const body = Buffer.concat(
    attributes.flatMap(([name, given]) => {
      const value = typeof given === 'function' ? given(transaction) : given;
      const head = Buffer.alloc(4);
      head.writeUInt16BE(name, 0);
      head.writeUInt16BE(value.length, 2);
      return [head, value, Buffer.alloc((4 - (value.length % 4)) % 4)];
    }),
  );
  return Buffer.concat([header(type, transaction, body.length), body]);
}

/** Its length counts the signature that is yet to come. */
function sign(message: Buffer, key: Buffer): Buffer {
  message.writeUInt16BE(message.length - 20 + 24, 2);
  const head = Buffer.from([0, ATTRIBUTE.integrity, 0, 20]);
  return Buffer.concat([message, head, createHmac('sha1', key).update(message).digest()]);
}

function decode(bytes: Buffer): Message {
  const attributes: Attributes = new Map();
  for (let at = 20; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2);
    attributes.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { type: bytes.readUInt16BE(0), transaction: bytes.subarray(8, 20), attributes };
}

/** XOR-PEER-ADDRESS: masked by the cookie, and of IPv6 by the transaction too. */
const xorAddress =
  (ip: string, port: number): Value =>
  (transaction) => {
    const cookie = Buffer.alloc(4);
    cookie.writeUInt32BE(MAGIC_COOKIE);
    const mask = Buffer.concat([cookie, transaction]);
    const head = Buffer.from([0, isIP(ip) === 6 ? 2 : 1, 0, 0]);
    head.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
    return Buffer.concat([head, bytesOf(ip).map((byte, index) => byte ^ (mask[index] ?? 0))]);
  };

async function openPipe({ ip, port, transport }: Way, take: (bytes: Buffer) => void): Promise<Pipe> {
  if (transport === 'udp') {
    const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4').on('message', take);
    const closed = once(socket, 'close').then(() => undefined);
    return { send: (bytes) => socket.send(bytes, port, ip), close: () => socket.close(), closed };
  }
  const socket: Socket =
    transport === 'tcp' ? connectTcp(port, ip) : connectTls({ port, host: ip, rejectUnauthorized: false });
  await once(socket, transport === 'tcp' ? 'connect' : 'secureConnect');
  let held = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 20 && held.length >= 20 + held.readUInt16BE(2)) {
      const length = 20 + held.readUInt16BE(2);
      take(held.subarray(0, length));
      held = held.subarray(length);
    }
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(() => undefined);
  return { send: (bytes) => socket.write(bytes), close: () => socket.destroy(), closed };
}
