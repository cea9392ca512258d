import { globSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { ownOrigins, socketOrigins } from './origins.ts';
import {
  BASE_HEADERS,
  contentSecurityPolicy,
  HSTS,
  inlineScriptHashes,
  newNonce,
} from './security-headers.ts';
import type { Settings } from './settings.ts';

export interface OpenPages {
  serve(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

/** The Next.js pages, in this process. null: the settings ask for none. Throws when they are not built. */
export async function openPages(
  settings: Pick<Settings, 'pages' | 'tls'>,
  logger: Logger,
  publicUrl: () => string,
  originUrl: () => string | null,
): Promise<OpenPages | null> {
  if (settings.pages === 'none') return null;
  const dev = settings.pages === 'dev';
  // React picks its build by this.
  if (!dev) Object.assign(process.env, { NODE_ENV: 'production' });
  // Loaded only when wanted: without pages the process starts in a fraction of the time.
  const { default: loaded } = await import('next');
  // Next's types describe a module with a default export; what Node loads is the function itself.
  const next = loaded as unknown as typeof loaded.default;
  const dir = fileURLToPath(new URL('..', import.meta.url));
  const app = next({ dev, dir });
  await app.prepare();
  const scriptHashes = dev ? [] : builtScriptHashes(dir);
  const handle = app.getRequestHandler();
  return {
    serve(request, response) {
      const nonce = newNonce();
      const sockets = socketOrigins(ownOrigins(publicUrl()));
      const policy = contentSecurityPolicy({ nonce, scriptHashes, sockets, originUrl: originUrl(), dev });
      for (const [name, value] of Object.entries(BASE_HEADERS)) response.setHeader(name, value);
      if (settings.tls) response.setHeader('strict-transport-security', HSTS);
      response.setHeader('content-security-policy', policy);
      keepOutOfSharedCaches(response);
      // From this Next.js takes the nonce; a client's own must not get through.
      request.headers['content-security-policy'] = policy;
      handle(request, response).catch((error: unknown) => {
        logger.error({ err: error }, 'a page failed');
        response.destroy();
      });
    },
    close: () => app.close(),
  };
}

/** Next.js lets shared caches keep a built page for a year; after an update its scripts would be gone. */
function keepOutOfSharedCaches(response: ServerResponse): void {
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) =>
    setHeader(
      name,
      name.toLowerCase() === 'cache-control' && String(value).includes('s-maxage') ? 'no-cache' : value,
    );
}

/** Of the pages that were rendered when they were built. */
function builtScriptHashes(dir: string): string[] {
  const built = join(dir, '.next/server/app');
  const hashes = globSync('**/*.html', { cwd: built }).flatMap((file) =>
    inlineScriptHashes(readFileSync(join(built, file), 'utf8')),
  );
  return [...new Set(hashes)];
}
