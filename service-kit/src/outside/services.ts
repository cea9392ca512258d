/** Services of others that an installation leans on: whether they answer. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Finding } from '@rostrum/contracts';
import { codeOf } from './addresses.ts';

type About<A extends Finding['about']> = Extract<Finding, { about: A }>;

const ANSWER_MS = 3000;
/** As often as datagrams may get lost. */
const TRIES = 3;

/** `smtp`: where messages are handed over, and how that is tried without one; null: they lie in a folder. */
export async function checkMail(
  smtp: { readonly host: string; verify(): Promise<unknown> } | null,
): Promise<About<'mail'>> {
  if (smtp === null) return { about: 'mail', is: 'folder', host: null, reason: null };
  const { host } = smtp;
  return smtp.verify().then(
    () => ({ about: 'mail', is: 'good', host, reason: null }),
    (error: unknown) => ({ about: 'mail', is: 'refused', host, reason: codeOf(error) }),
  );
}

/** The first of these TURN servers that is reached by UDP, as RFC 7065 writes it. */
export async function checkTurn(urls: readonly string[]): Promise<About<'turn'>> {
  const first = urls.map((url) => TURN_URL.exec(url)).find((found) => found !== null);
  if (!first) return { about: 'turn', is: 'none', host: null, reason: null };
  const host = (first[1] ?? '').replace(/^\[|\]$/g, '');
  const port = Number(first[2] ?? 3478);
  const reason = await binding(host, port).then(
    () => null,
    (error: unknown) => codeOf(error),
  );
  return { about: 'turn', is: reason === null ? 'good' : 'unreachable', host, reason };
}

const TURN_URL = /^turn:(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=udp)?$/;

/** A STUN Binding request and its answer (RFC 8489 sections 5 and 6.2.1). Rejects when none comes. */
function binding(host: string, port: number): Promise<void> {
  const transaction = randomBytes(12);
  const request = Buffer.concat([Buffer.from('000100002112a442', 'hex'), transaction]);
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  return new Promise<void>((resolve, reject) => {
    let left = TRIES;
    const send = (): void => {
      if (left === 0) {
        reject(new Error('no answer'));
        return;
      }
      left -= 1;
      socket.send(request, port, host, (error) => {
        if (error) reject(error);
      });
    };
    const again = setInterval(send, ANSWER_MS / TRIES);
    socket.once('error', reject);
    socket.once('close', () => clearInterval(again));
    socket.on('message', (answer) => {
      // Success or failure: it is a STUN server that answers this very request.
      if (answer.length >= 20 && answer.subarray(8, 20).equals(transaction)) resolve();
    });
    send();
  }).finally(() => socket.close());
}
