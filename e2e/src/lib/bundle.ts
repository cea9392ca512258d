import { build } from 'esbuild';

const made = new Map<string, Promise<string>>();

/** A program of ours as one script for a browser; made once. @param path of its first file */
export function bundled(path: string): Promise<string> {
  const known = made.get(path);
  if (known) return known;
  const script = build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'iife',
    target: ['chrome120', 'firefox128'],
  }).then((result) => {
    const file = result.outputFiles[0];
    if (!file) throw new Error(`${path} was not built`);
    return file.text;
  });
  made.set(path, script);
  return script;
}
