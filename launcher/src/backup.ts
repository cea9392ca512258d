import { runInForeground } from './foreground.ts';
import { readSettings } from './settings.ts';

/**
 * `./rostrum backup` and `./rostrum restore`, of this instance, whether or not it runs. They look at their own arguments. Resolves with
 * the exit code.
 * @param args with the command
 */
export async function runBackup(args: readonly string[]): Promise<number> {
  const { dataDir, databaseUrl } = readSettings(process.env);
  const env = { ...process.env, ROSTRUM_DATA_DIR: dataDir, DATABASE_URL: databaseUrl };
  return runInForeground('host-console/server/backup/main.ts', args, env);
}
