import { oEmbedOf, webinarOfPage, withHead } from './page-head.ts';

const BASE = 'https://live.example';
const PAGE = '<!doctype html><html><head><title>Rostrum</title></head><body></body></html>';
const subject = { webinarId: 'spring', title: 'Spring', posterUrl: null };

test('a page says its title, its address and where its oEmbed is', () => {
  const page = withHead(PAGE, { ...subject, posterUrl: `${BASE}/recordings/spring/poster.jpg` }, BASE);
  expect(page).toContain('<title>Spring · Rostrum</title>');
  expect(page).toContain('<meta property="og:title" content="Spring">');
  expect(page).toContain('<meta property="og:url" content="https://live.example/w/spring">');
  expect(page).toContain(
    '<meta property="og:image" content="https://live.example/recordings/spring/poster.jpg">',
  );
  expect(page).toContain(
    '<link rel="alternate" type="application/json+oembed" href="https://live.example/w/spring/oembed.json" title="Spring">',
  );
  expect(page.match(/<\/head>/g)).toHaveLength(1);
  expect(withHead(PAGE, subject, BASE)).not.toContain('og:image');
});

test.each(['"><script>alert(1)</script>', '</title><script>', "$& $1 $' $`", '&quot;'])(
  'a title of %s stays text',
  (title) => {
    const page = withHead(PAGE, { ...subject, title }, BASE);
    expect(page).not.toContain('<script');
    expect(page.match(/<title>/g)).toHaveLength(1);
    const shown = /property="og:title" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const unescaped = shown
      .replaceAll('&quot;', '"')
      .replaceAll('&gt;', '>')
      .replaceAll('&lt;', '<')
      .replaceAll('&amp;', '&');
    expect(unescaped).toBe(title);
    expect(JSON.stringify(oEmbedOf({ ...subject, title }, BASE, new URLSearchParams()))).not.toMatch(
      /html":"[^>]*><script/,
    );
  },
);

test.each([
  ['', 640, 360],
  ['maxwidth=320', 320, 180],
  ['maxheight=90&maxwidth=600', 160, 90],
  ['maxwidth=4000', 640, 360],
  ['maxwidth=none&maxheight=-1', 640, 360],
  ['maxwidth=1', 1, 1],
])('its frame fits into %p', (query, width, height) => {
  const answer = oEmbedOf(subject, BASE, new URLSearchParams(query));
  expect(answer).toMatchObject({ version: '1.0', type: 'video', title: 'Spring', width, height });
  expect((answer as { html: string }).html).toContain(
    `src="https://live.example/w/spring/embed" title="Spring" width="${width}" height="${height}"`,
  );
});

test('only this installation’s pages are webinars’', () => {
  const of = (path: string): string | null => webinarOfPage(`${BASE}${path}`, BASE);
  expect(['/w/spring', '/w/spring/', '/w/spring?t=5s', '/w/spring/embed', '/w/spring#t=a.b'].map(of)).toEqual(
    Array(5).fill('spring'),
  );
  expect(['/w/', '/w/a/b', '/recordings/spring', '/w/../spring', '/w/%2e'].map(of)).toEqual(
    Array(5).fill(null),
  );
  expect(webinarOfPage('https://evil.example/w/spring', BASE)).toBeNull();
  expect(webinarOfPage('https://live.example.evil/w/spring', BASE)).toBeNull();
});
