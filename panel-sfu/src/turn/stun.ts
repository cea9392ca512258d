/** As much of STUN (RFC 8489) as it takes to ask a server whether it is there. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

export const MAGIC_COOKIE = 0x2112a442;
export const BINDING_REQUEST = 0x0001;
export const BINDING_SUCCESS = 0x0101;

/** A message without attributes. */
export function header(type: number, transaction: Buffer, length = 0): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(length, 2);
  bytes.writeUInt32BE(MAGIC_COOKIE, 4);
  transaction.copy(bytes, 8);
  return bytes;
}

/** Whether a STUN server answers there within the time. Never rejects. */
export function answersStun(ip: string, port: number, withinMs: number): Promise<boolean> {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  const transaction = randomBytes(12);
  return new Promise((resolve) => {
    const settle = (answers: boolean): void => {
      clearTimeout(timer);
      socket.removeAllListeners().on('error', () => undefined);
      socket.close();
      resolve(answers);
    };
    const timer = setTimeout(() => settle(false), withinMs);
    socket.on('error', () => settle(false));
    socket.on('message', (answer) => {
      if (answer.length < 20 || answer.readUInt16BE(0) !== BINDING_SUCCESS) return;
      if (answer.subarray(8, 20).equals(transaction)) settle(true);
    });
    socket.send(header(BINDING_REQUEST, transaction), port, ip);
  });
}
