import type { Finding, Findings } from '@rostrum/contracts';
import { checkCertificate, checkCookies, checkName } from '@rostrum/service-kit/outside/addresses';
import { checkClock, checkDisk } from '@rostrum/service-kit/outside/machine';
import { checkMail, checkTurn } from '@rostrum/service-kit/outside/services';
import type { Clock } from '../ports.ts';

export interface ReadinessOptions {
  readonly clock: Clock;
  readonly publicUrl: () => string;
  /** null: no broadcaster is connected. */
  readonly originUrl: () => string | null;
  readonly nodes: () => { readonly sfuNodes: number; readonly broadcasterNodes: number };
  readonly dataDir: string;
  readonly cookieDomain: string | null;
  readonly turnUrls: readonly string[];
  /** null: messages lie in a folder. */
  readonly smtp: Parameters<typeof checkMail>[0];
}

/** Looking costs others something: a mail server, a name server, the disk. */
const KEPT_MS = 15_000;

/** Whether an event can be held on this installation, as the crew can ask before it. */
export class Readiness {
  readonly #o: ReadinessOptions;
  #last: { readonly findings: Promise<Findings>; readonly sinceMs: number } | null = null;

  constructor(options: ReadinessOptions) {
    this.#o = options;
  }

  /** What is found; all who ask within some seconds get the same. */
  look(): Promise<Findings> {
    const nowMs = this.#o.clock.nowMs();
    if (this.#last && nowMs - this.#last.sinceMs < KEPT_MS) return this.#last.findings;
    const findings = this.#look();
    this.#last = { findings, sinceMs: nowMs };
    findings.catch(() => {
      if (this.#last?.findings === findings) this.#last = null;
    });
    return findings;
  }

  async #look(): Promise<Findings> {
    const { clock, publicUrl, originUrl, nodes, dataDir, cookieDomain, turnUrls, smtp } = this.#o;
    const console = new URL(publicUrl());
    const origin = originUrl();
    const media = origin === null ? null : new URL(origin);
    const { sfuNodes, broadcasterNodes } = nodes();
    const apart = media !== null && media.host !== console.host;
    const looks: (Finding | Promise<Finding>)[] = [
      { about: 'node', of: 'stage', is: sfuNodes > 0 ? 'good' : 'none' },
      { about: 'node', of: 'broadcaster', is: broadcasterNodes > 0 ? 'good' : 'none' },
      // What nodes announce is theirs to know; here names alone are looked at.
      checkName('console', console.hostname, ''),
      checkCertificate('console', console, clock.nowUnixMs()),
      ...(apart
        ? [checkName('media', media.hostname, ''), checkCertificate('media', media, clock.nowUnixMs())]
        : []),
      ...(media ? [checkCookies(console, media, cookieDomain)] : []),
      checkTurn(turnUrls),
      checkMail(smtp),
      checkDisk(dataDir),
      checkClock(),
    ];
    return { findings: await Promise.all(looks), lookedUnixMs: clock.nowUnixMs() };
  }
}
