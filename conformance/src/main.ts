/** `rostrum conformance URL`: a table of what an LL-HLS origin holds, rule by rule. */
import { parseArgs } from 'node:util';
import { walkChannel } from './channel.ts';
import { RULES } from './rules.ts';

const usage = 'usage: conformance URL [--seconds 60] [--json]   (URL of a multivariant playlist)';

function argumentsOrExit(): { url: string; seconds: number; json: boolean } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { seconds: { type: 'string', default: '60' }, json: { type: 'boolean', default: false } },
    });
    const [url, ...more] = positionals;
    const seconds = Number(values.seconds);
    if (!url || !URL.canParse(url) || more.length > 0 || !(seconds >= 1))
      throw new Error('what to walk, for how long?');
    return { url, seconds, json: values.json };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
    process.exit(2);
  }
}

const { url, seconds, json } = argumentsOrExit();
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
try {
  const records = await walkChannel({
    url,
    seconds,
    signal: stop.signal,
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  if (json) process.stdout.write(`${JSON.stringify({ url, seconds, rules: records })}\n`);
  else {
    for (const { id, verdict, looks, breaches, evidence } of records) {
      const title = RULES.find((rule) => rule.id === id)?.title ?? '';
      const count =
        verdict === 'not seen' ? '' : verdict === 'held' ? `${looks} times` : `${breaches} of ${looks}`;
      process.stdout.write(`${id.padEnd(5)} ${verdict.padEnd(9)} ${count.padStart(14)}  ${title}\n`);
      for (const line of evidence) process.stdout.write(`      ${line}\n`);
    }
  }
  process.exitCode = records.some((record) => record.verdict === 'broken') ? 1 : 0;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
