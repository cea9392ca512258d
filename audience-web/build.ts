/**
 * Builds the watch page into `dist/`: `index.html` and hashed files under `assets/`. Fails when its JavaScript is larger
 * than its budgets (GOALS P9).
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile, type OnLoadResult, type Plugin } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');

await rm(dist, { recursive: true, force: true });
await mkdir(join(dist, 'assets'), { recursive: true });

/**
 * mediasoup-client brings a handler for React Native, one for Chromium before 111, which is older than the page's target, one for its own
 * tests with all they make up, and, as the two beside it, words for a logger that nobody here turns on.
 */
const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onLoad }) {
    const empty = (): OnLoadResult => ({ contents: '', loader: 'js' });
    onLoad({ filter: /mediasoup-client\/lib\/handlers\/(FakeHandler|ReactNative106|Chrome74)\.js$/ }, empty);
    onLoad({ filter: /mediasoup-client\/lib\/test\/fakeParameters\.js$/ }, empty);
    onLoad({ filter: /node_modules\/debug\/src\/browser\.js$/ }, () => ({
      contents: 'module.exports = () => Object.assign(() => undefined, { enabled: false });',
      loader: 'js',
    }));
    onLoad(
      { filter: /(mediasoup-client|h264-profile-level-id|awaitqueue)\/lib\/.*\.js$/ },
      async ({ path }) => ({
        // Statements of one line alone, that say a text and the values of names and properties.
        contents: (await readFile(path, 'utf8')).replace(
          /^ *logger\.(debug|warn|error)\(('[^'\n]*'|`[^`\n]*`)(, [\w.]+)*\);$/gm,
          '',
        ),
        loader: 'js',
      }),
    );
  },
};

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { watch: 'src/main.tsx' },
  outdir: 'dist/assets',
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  plugins: [leaveOut],
  format: 'esm',
  minify: true,
  metafile: true,
  legalComments: 'eof',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  target: ['es2022', 'chrome123', 'firefox121', 'safari17.5'],
  define: { 'process.env.NODE_ENV': '"production"' },
});

const outputs = Object.entries(metafile.outputs);
const entry = outputs.find(([, o]) => o.entryPoint === 'src/main.tsx');
if (!entry?.[1].cssBundle) throw new Error('the entry point or its style sheet is missing from the build');
const url = (path: string): string => `/assets/${basename(path)}`;

/** Files the entry needs before it can run. */
function statically(meta: Metafile, path: string): string[] {
  return (meta.outputs[path]?.imports ?? [])
    .filter((i) => i.kind === 'import-statement' && !i.external)
    .flatMap((i) => [i.path, ...statically(meta, i.path)]);
}
const engine = outputs.find(([, o]) => o.entryPoint === 'src/player/hls-engine.ts')?.[0];
if (!engine) throw new Error('the player engine is missing from the build');
const early = [...new Set([...statically(metafile, entry[0]), engine, ...statically(metafile, engine)])];

const head = [
  `<link rel="stylesheet" href="${url(entry[1].cssBundle)}">`,
  `<script type="module" src="${url(entry[0])}"></script>`,
  // The engine is asked for only once a playlist is known; by then it is here.
  ...early.map((path) => `<link rel="modulepreload" href="${url(path)}">`),
];
const page = await readFile(join(here, 'index.html'), 'utf8');
await writeFile(
  join(dist, 'index.html'),
  page.replace('    <!-- build: styles and scripts -->', head.map((line) => `    ${line}`).join('\n')),
);

const sizes = new Map<string, number>();
for (const [path] of outputs) {
  const bytes = gzipSync(await readFile(join(here, path)), { level: 9 }).byteLength;
  if (path.endsWith('.js')) sizes.set(path, bytes);
  tell(bytes, basename(path));
}
/** What of a file's gzipped bytes is not hls.js', by its share of the bytes before that. */
function ours(path: string): number {
  const { bytes = 0, inputs = {} } = metafile.outputs[path] ?? {};
  const theirs = Object.entries(inputs).filter(([input]) => input.includes('node_modules/hls.js/'));
  const share = theirs.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0) / Math.max(1, bytes);
  return Math.round((sizes.get(path) ?? 0) * (1 - share));
}
const budgets = [
  {
    what: 'JavaScript before the first frame, besides hls.js',
    bytes: [...new Set([entry[0], ...early])].reduce((sum, path) => sum + ours(path), 0),
    most: 60_000,
  },
  {
    what: 'all JavaScript',
    bytes: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
    most: 240_000,
  },
];
for (const { what, bytes, most } of budgets) {
  tell(bytes, `${what}, of ${most / 1000} kB`);
  if (bytes <= most) continue;
  console.error(`${what}: ${bytes - most} bytes over the budget.`);
  process.exitCode = 1;
}

function tell(bytes: number, what: string): void {
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB gzip  ${what}`);
}
