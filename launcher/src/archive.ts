import { runInForeground } from './foreground.ts';
import { readSettings } from './settings.ts';

/** `./rostrum archive`, on the recordings of this instance. It needs nothing of what the set-up brings, and no running service. */
export async function runArchive(args: readonly string[]): Promise<number> {
  const { dataDir } = readSettings(process.env);
  const env = { ...process.env, ROSTRUM_DATA_DIR: dataDir };
  return runInForeground('broadcaster/src/archive/tools/main.ts', args, env);
}
