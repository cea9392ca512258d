/** What a running HAProxy says on its control socket. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';

/** Resolves when it runs: its control socket answers only after all its listeners stand. Asks until `signal`. */
export async function answersControl(controlSocket: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      if ((await haproxyInfo(controlSocket)).size > 0) return;
    } catch {
      // Not there yet; if it never is, its end or the deadline tells.
    }
    await setTimeout(50);
  }
}

/** The numbers of `show info`, by name. Rejects when it does not answer. */
export async function haproxyInfo(controlSocket: string): Promise<ReadonlyMap<string, number>> {
  const socket = connect(controlSocket);
  socket.end('show info\n');
  const lines = (await text(socket)).split('\n').map((line) => line.split(': '));
  return new Map(
    lines.flatMap(([name, value]) => (name && value && /^\d+$/.test(value) ? [[name, Number(value)]] : [])),
  );
}
