import { createHash } from 'node:crypto';
import { contentSecurityPolicy, inlineScriptHashes, newNonce } from './security-headers.ts';

describe('the content security policy', () => {
  const policy = (originUrl: string | null, dev = false): string =>
    contentSecurityPolicy({
      nonce: 'N',
      scriptHashes: ['sha256-abc='],
      sockets: ['wss://console.test'],
      originUrl,
      dev,
    });

  test('lets no inline script run but those of the built pages and those with the nonce', () => {
    expect(policy(null)).toContain("script-src 'self' 'nonce-N' 'sha256-abc=';");
    expect(policy(null)).not.toContain("script-src 'self' 'unsafe");
    expect(policy(null)).not.toContain('unsafe-eval');
    expect(policy(null)).toContain("object-src 'none'");
    expect(policy(null)).toContain("frame-ancestors 'none'");
  });

  test('lets pages play and fetch from the origin, and from no other once it is known', () => {
    expect(policy('http://origin.test:8080/base')).toContain(
      "connect-src 'self' wss://console.test http://origin.test:8080;",
    );
    expect(policy('http://origin.test:8080')).toContain("media-src 'self' blob: http://origin.test:8080;");
    expect(policy(null)).toContain("connect-src 'self' wss://console.test http: https:;");
  });

  test('hashes exactly the inline scripts of a page', () => {
    const script = 'self.x = "<b>";\n';
    const html = `<script src="/a.js"></script><script id="_R_">${script}</script><script async="" src="/b.js"></script>`;
    const hash = createHash('sha256').update(script).digest('base64');
    expect(inlineScriptHashes(html)).toEqual([`sha256-${hash}`]);
    expect(inlineScriptHashes('<p>')).toEqual([]);
  });

  test('a nonce is new each time', () => {
    expect(newNonce()).not.toBe(newNonce());
  });
});
