import { spawn } from 'node:child_process';
import { json, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Exchange } from './stub.ts';

/**
 * What AWS's own model of CloudFront says against these exchanges, a line each: unknown elements, members that are missing, wrong types,
 * quantities that are none. Needs Debian's python3-botocore.
 */
export async function judged(exchanges: readonly Exchange[]): Promise<readonly string[]> {
  const script = fileURLToPath(new URL('./judge.py', import.meta.url));
  const judge = spawn('/usr/bin/python3', [script], { stdio: ['pipe', 'pipe', 'pipe'] });
  const complaint = text(judge.stderr);
  judge.stdin.end(JSON.stringify(exchanges));
  try {
    return (await json(judge.stdout)) as readonly string[];
  } catch (cause) {
    throw new Error(`the judge did not judge: ${await complaint}`, { cause });
  }
}
