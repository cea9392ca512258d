#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/**
 * Firefox as Playwright starts it, with a relay in between: started in its place with the same arguments, it starts Firefox
 * and hands on what both say (WebDriver BiDi). What this Firefox has no command for, and the tests have no need of, is
 * answered here as done; Playwright 1.65 opens no page without it.
 */
const UNKNOWN_TO_ESR = ['emulation.setMediaFeaturesOverride'];

const firefox = spawn(process.env.ROSTRUM_FIREFOX ?? '/usr/bin/firefox-esr', process.argv.slice(2), {
  stdio: ['ignore', 'inherit', 'pipe'],
});
firefox.on('exit', (code) => process.exit(code ?? 1));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => firefox.kill(signal));

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

createInterface({ input: firefox.stderr }).on('line', (line) => {
  const [, url] = /^WebDriver BiDi listening on (ws:\/\/\S+)$/.exec(line) ?? [];
  if (url === undefined) {
    process.stderr.write(`${line}\n`);
    return;
  }
  server.on('connection', (client, { url: path = '/' }) => relay(client, new WebSocket(url + path)));
  process.stderr.write(`WebDriver BiDi listening on ws://127.0.0.1:${port}\n`);
});

function relay(client: WebSocket, browser: WebSocket): void {
  const opened = once(browser, 'open');
  client.on('message', async (data: RawData) => {
    const { id, method } = JSON.parse(data.toString()) as { id: number; method: string };
    if (UNKNOWN_TO_ESR.includes(method)) {
      client.send(JSON.stringify({ type: 'success', id, result: {} }));
      return;
    }
    await opened;
    browser.send(data.toString());
  });
  browser.on('message', (data: RawData) => client.send(data.toString()));
  client.on('close', () => browser.close());
  browser.on('close', () => client.close());
}
