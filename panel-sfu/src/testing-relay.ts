import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/** A stretch of network between browsers and the SFU, for tests: it loses packets as it is told, and forgets flows. */
export interface TestRelay {
  readonly port: number;
  /** Shares of what is lost from now on, 0 to 1: of what browsers send, and of what they are sent. */
  lose(shares: { readonly up: number; readonly down: number }): void;
  /** How long each packet is on its way, one way, from now on. */
  delay(ms: number): void;
  /**
   * Nothing passes any more on the ports that are in use; on new ones it does. So it is when a laptop gets another
   * address.
   */
  cut(): void;
  close(): void;
}

export async function startTestRelay(sfuPort: number): Promise<TestRelay> {
  const front = await bound();
  const flows = new Map<number, { readonly back: Socket; dead: boolean }>();
  let shares = { up: 0, down: 0 };
  let delayMs = 0;
  const later = (send: () => void): void => {
    if (delayMs === 0) send();
    else setTimeout(() => closed || send(), delayMs);
  };
  let closed = false;
  // The same packets each time a test runs.
  let seed = 1;
  const isLost = (share: number): boolean => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31 < share;
  };
  const open = (browserPort: number): void => {
    const back = createSocket('udp4');
    const flow = { back, dead: false };
    flows.set(browserPort, flow);
    back.on('message', (packet) => {
      if (flow.dead || isLost(shares.down)) return;
      later(() => front.send(packet, browserPort, '127.0.0.1'));
    });
    back.bind(0, '127.0.0.1');
  };
  front.on('message', (packet, { port }) => {
    if (!flows.has(port)) open(port);
    const flow = flows.get(port);
    if (!flow || flow.dead || isLost(shares.up)) return;
    later(() => flow.back.send(packet, sfuPort, '127.0.0.1'));
  });
  return {
    port: (front.address() as AddressInfo).port,
    lose(wanted) {
      shares = wanted;
    },
    delay(ms) {
      delayMs = ms;
    },
    cut() {
      for (const flow of flows.values()) flow.dead = true;
    },
    close() {
      closed = true;
      front.close();
      for (const { back } of flows.values()) back.close();
    },
  };
}

function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((ready) => {
    socket.bind(0, '127.0.0.1', () => ready(socket));
  });
}
