/** `./rostrum doctor --public`: how this installation looks to those outside, as far as it can be seen from here. */
import { execFile } from 'node:child_process';
import { type Finding, findingState, findingWords } from '@rostrum/contracts';
import {
  checkAnnounced,
  checkCertificate,
  checkCookies,
  checkName,
} from '@rostrum/service-kit/outside/addresses';
import { checkClock, checkDisk } from '@rostrum/service-kit/outside/machine';
import { checkMail, checkTurn } from '@rostrum/service-kit/outside/services';
import { createTransport } from 'nodemailer';
import { checkout } from './paths.ts';
import type { Settings } from './settings.ts';
import { planTurn } from './turn.ts';

/** What the console and the CDN's commands read themselves. */
interface Others {
  readonly smtpUrl: string | undefined;
  readonly cdnOriginHost: string | undefined;
}

/** Looks at everything at once: most of it is waiting. @param turn whether `up --turn` is meant */
export async function lookFromOutside(settings: Settings, others: Others, turn: boolean): Promise<Finding[]> {
  const { sfu, cookieDomain } = settings;
  const scheme = settings.tls ? 'https' : 'http';
  const consoleUrl = new URL(
    settings.console.publicUrl ?? `${scheme}://${settings.console.host}:${settings.console.port}`,
  );
  const mediaUrl = new URL(
    settings.origin.publicUrl ?? `${scheme}://${settings.origin.host}:${settings.origin.port}`,
  );
  const nowUnixMs = Date.now();
  const turnUrls = [
    ...(turn ? planTurn(settings, '', undefined).urls : []),
    ...(settings.turn.otherUrls?.split(',').map((url) => url.trim()) ?? []),
  ];
  const sameHost = consoleUrl.host === mediaUrl.host;
  return Promise.all([
    checkName('console', consoleUrl.hostname, sfu.announcedIp),
    ...(sameHost ? [] : [checkName('media', mediaUrl.hostname, sfu.announcedIp)]),
    ...(turn ? [checkName('turn', settings.turn.host, sfu.announcedIp)] : []),
    checkCertificate('console', consoleUrl, nowUnixMs),
    ...(sameHost ? [] : [checkCertificate('media', mediaUrl, nowUnixMs)]),
    checkAnnounced(sfu.announcedIp),
    checkTurn(turnUrls),
    checkCookies(consoleUrl, mediaUrl, cookieDomain ?? null),
    checkMail(smtpOf(others.smtpUrl)),
    checkDisk(settings.dataDir),
    checkClock(),
    checkCdn(others.cdnOriginHost),
  ]);
}

function smtpOf(url: string | undefined): Parameters<typeof checkMail>[0] {
  if (url === undefined || !URL.canParse(url)) return null;
  const transport = createTransport(url);
  return { host: new URL(url).hostname, verify: () => transport.verify().finally(() => transport.close()) };
}

/** `cdn plan` knows; it has settings of its own. */
function checkCdn(originHost: string | undefined): Promise<Extract<Finding, { about: 'cdn' }>> {
  if (!originHost) return Promise.resolve({ about: 'cdn', is: 'none', reason: null });
  const args = ['--disable-warning=ExperimentalWarning', `${checkout}/cdn-config/src/cdn.ts`, 'plan'];
  return new Promise((resolve) => {
    execFile(process.execPath, [...args, '--detailed-exitcode', '--json'], (error, stdout, stderr) => {
      // 2 is what it exits with where settings cannot be used, too: only a plan is told as JSON.
      const planned = stdout.trim().startsWith('[');
      if (planned) resolve({ about: 'cdn', is: error ? 'differs' : 'good', reason: null });
      else resolve({ about: 'cdn', is: 'refused', reason: stderr.trim().split('\n')[0] ?? null });
    });
  });
}

const MARK = { good: 'good', unsure: 'look', bad: 'BAD ' } as const;

/** A line for each, the bad ones first, with what to do below it. */
export function describeFindings(findings: readonly Finding[]): string[] {
  const order = ['bad', 'unsure', 'good'] as const;
  return order.flatMap((state) =>
    findings
      .filter((finding) => findingState(finding) === state)
      .flatMap((finding) => {
        const { told, mend } = findingWords(finding, 'en');
        return [`${MARK[state]}  ${told}`, ...(mend === null ? [] : [`      ${mend}`])];
      }),
  );
}
