/**
 * `./rostrum cdn`: plans, makes, purges and removes what stands in CloudFront. Exit codes: 0 done, 1 failed, 2 wrong usage or settings, or
 * with `plan --detailed-exitcode` that there is something to do; 130 interrupted.
 */
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { SettingsError } from '@rostrum/service-kit/settings';
import { apply, type Cdn, destroy, everythingOurs, look, type OtherKeys, WAITS } from './cloudfront/apply.ts';
import { cloudFrontClient } from './cloudfront/client.ts';
import { CdnError } from './cloudfront/errors.ts';
import { keyFrom } from './cloudfront/keys.ts';
import { wordOf } from './cloudfront/plan.ts';
import { pathsToPurge, purge } from './cloudfront/purge.ts';
import { readCdnOptions } from './cloudfront/settings.ts';
import { describePlan, describeProgress } from './cloudfront/words.ts';
import { bucketPolicy } from './generators/bucket-policy.ts';
import { PRINT_USAGE, PrintError, printed } from './generators/print.ts';

const USAGE = `./rostrum cdn plan [--detailed-exitcode] [--json]   what differs from what is deployed
./rostrum cdn apply [--json]                        make it so; run it again whenever it was interrupted
./rostrum cdn purge ADDRESS|CHANNEL|PATH...         make all places forget what they keep
./rostrum cdn rotate-keys --to FILE                 let the key in FILE sign too (made if there is no such file)
./rostrum cdn rotate-keys --finish                  let no key sign but that of ROSTRUM_CDN_KEY, from now on
./rostrum cdn destroy [--yes]                       remove all of it
./rostrum cdn print ${PRINT_USAGE}

Settings and rights: docs/cdn.md.`;

class UsageError extends Error {}

const out = (text: string) => process.stdout.write(`${text}\n`);
const say = (text: string) => process.stderr.write(`${text}\n`);
const interrupted = new AbortController();

/** The first time it stops where it may, the second time anywhere: it can go on from there too. */
function interrupt(): void {
  if (interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
}

function cdnOf(): Cdn {
  const options = readCdnOptions(process.env);
  return {
    client: cloudFrontClient(process.env),
    options,
    nowMs: Date.now,
    waits: { ...WAITS, pollMs: options.pollMs },
    tell: (progress) => say(describeProgress(progress)),
    signal: interrupted.signal,
  };
}

async function runPlan({ detailed, json }: { detailed: boolean; json: boolean }): Promise<number> {
  const { plan } = await look(cdnOf());
  if (json) {
    const told = plan.map((change) =>
      change.action === 'delete'
        ? { action: change.action, kind: change.found.kind, name: change.found.name }
        : {
            ...{ action: change.action, kind: change.desired.kind, name: change.desired.name },
            differences: change.differences,
          },
    );
    out(JSON.stringify(told, null, 2));
  } else out(describePlan(plan));
  return detailed && plan.length > 0 ? 2 : 0;
}

async function runApply(json: boolean, others?: OtherKeys): Promise<number> {
  const cdn = cdnOf();
  const deployed = await apply(cdn, others);
  if (json) {
    out(JSON.stringify(deployed));
    return 0;
  }
  const { changes, domainName, id, arn, keyPairId } = deployed;
  const { bucket, domains } = cdn.options;
  out(changes === 0 ? 'Nothing to do.' : `Done: ${changes} ${changes === 1 ? 'change' : 'changes'}.`);
  out(`Distribution ${id} is deployed: https://${domainName}`);
  if (domains) out(`Point these names to it by CNAME (or ALIAS): ${domains.names.join(', ')}`);
  const address = domains?.names[0] ?? domainName;
  out(`Tell viewers so: ROSTRUM_ORIGIN_PUBLIC_URL=https://${address}`);
  out(`For broadcasters, which tell it of deleted recordings: ROSTRUM_CDN_DISTRIBUTION=${id}`);
  if (keyPairId !== null) out(`For whoever signs cookies: ROSTRUM_CDN_KEY_PAIR_ID=${keyPairId}`);
  if (bucket && changes > 0) {
    out(`The bucket ${bucket.name} needs this policy, once:`);
    out(JSON.stringify(bucketPolicy(bucket, arn), null, 2));
  }
  return 0;
}

async function runPurge(what: readonly string[]): Promise<number> {
  if (what.length === 0) throw new UsageError('purge what? The address of a stream or recording, or paths');
  const paths = what.flatMap(pathsToPurge);
  await purge(cdnOf(), paths);
  out(`Forgotten everywhere: ${paths.join(' ')}`);
  return 0;
}

async function runRotate({ to, finish }: { to?: string | undefined; finish: boolean }): Promise<number> {
  if ((to === undefined) !== finish) throw new UsageError('rotate-keys wants either --to FILE or --finish');
  const { publicKeyPem, keyGraceMs } = readCdnOptions(process.env);
  if (publicKeyPem === undefined)
    throw new UsageError('ROSTRUM_CDN_KEY is not set: there is no key to be followed by another');
  if (to === undefined) {
    await apply(cdnOf(), { kind: 'none' });
    out('Nothing but the key of ROSTRUM_CDN_KEY signs from now on.');
    return 0;
  }
  const key = await keyFrom(to);
  if (key.made) say(`made a key: ${to}`);
  await apply(cdnOf(), { kind: 'and', pem: key.publicKeyPem });
  out(`Both keys are valid everywhere. Sign with the new one now: ROSTRUM_CDN_KEY=${to}`);
  out(
    `The old one stays valid for ${keyGraceMs / 3_600_000} h; the first \`rostrum cdn apply\` after that removes it (\`rotate-keys --finish\` does so at once).`,
  );
  return 0;
}

async function runDestroy(yes: boolean): Promise<number> {
  const cdn = cdnOf();
  const ours = await everythingOurs(cdn);
  if (ours.length === 0) {
    out(`There is nothing of ${cdn.options.name} to remove.`);
    return 0;
  }
  for (const { found } of ours) out(`- ${wordOf(found.kind)} ${found.name} (${found.standing.id})`);
  if (!yes) {
    if (!process.stdin.isTTY) throw new UsageError('nobody is here to be asked: say --yes');
    const asking = createInterface({ input: process.stdin, output: process.stderr });
    // At a terminal Ctrl-C is a key like others.
    asking.on('SIGINT', interrupt);
    const question = `All of this goes, and viewers see nothing any more. Type ${cdn.options.name} to go on: `;
    const answer = await asking.question(question, { signal: cdn.signal }).catch(() => '');
    asking.close();
    if (answer.trim() !== cdn.options.name) {
      out('Nothing was removed.');
      return 1;
    }
  }
  const removed = await destroy(cdn);
  out(`Done: ${removed} removed.`);
  return 0;
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'print') {
    process.stdout.write(printed(argv.slice(1), process.env));
    return 0;
  }
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      'detailed-exitcode': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      finish: { type: 'boolean', default: false },
      to: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command = 'help', ...rest] = positionals;
  if (rest.length > 0 && command !== 'purge') throw new UsageError(`too many words after "${command}"`);
  switch (values.help ? 'help' : command) {
    case 'plan':
      return runPlan({ detailed: values['detailed-exitcode'], json: values.json });
    case 'apply':
      return runApply(values.json);
    case 'purge':
      return runPurge(rest);
    case 'rotate-keys':
      return runRotate(values);
    case 'destroy':
      return runDestroy(values.yes);
    case 'help':
      out(USAGE);
      return 0;
    default:
      throw new UsageError(`there is no command "cdn ${command}"\n${USAGE}`);
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const wrongFlag =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (error instanceof CdnError) {
    say(`${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.\n${error.advice}`);
    if (process.env.ROSTRUM_CDN_DEBUG === '1') console.error(error.cause);
    process.exitCode = error.code === 'interrupted' ? 130 : 1;
  } else if (error instanceof SettingsError) {
    say(['What is set for the CDN cannot be:', ...error.problems].join('\n  '));
    process.exitCode = 2;
  } else if (error instanceof UsageError || error instanceof PrintError || wrongFlag) {
    say(error.message);
    process.exitCode = 2;
  } else {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  }
}
