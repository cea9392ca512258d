import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { askService } from './ask.ts';
import { makeCertificate } from './testing/certificate.ts';

test('a service answers us whatever name its certificate is for', async () => {
  const dir = mkdtempSync(`${tmpdir()}/rostrum-ask-`);
  const { certFile, keyFile } = await makeCertificate(dir, 'webinar.example.org');
  const server = createServer(
    { key: readFileSync(keyFile), cert: readFileSync(certFile) },
    (_request, response) => response.end(),
  ).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [response] = await once(askService(`https://127.0.0.1:${port}/healthz`), 'response');
    response.resume();
    expect(response.statusCode).toBe(200);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(dir, { recursive: true });
  }
});
