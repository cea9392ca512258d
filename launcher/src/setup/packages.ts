import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Report } from '../report.ts';
import { run } from '../run.ts';

/** Debian packages by what needs them. */
export const debianPackages = {
  /** The broadcaster's elements: RTP in, VP8 and H.264 decoded, composited, x264 and AAC out. */
  run: [
    'gstreamer1.0-tools',
    'gstreamer1.0-plugins-base',
    'gstreamer1.0-plugins-good',
    'gstreamer1.0-plugins-bad',
    'gstreamer1.0-plugins-ugly',
    'gstreamer1.0-libav',
    'gstreamer1.0-nice',
    // Names and titles come in every script: 1 MB of Inter, 12 of all alphabets, 55 of Han, kana and Hangul, 10 of emoji.
    'fonts-inter',
    'fonts-noto-core',
    'fonts-noto-cjk',
    'fonts-noto-color-emoji',
    'openssl',
  ],
  /** node-gst, the binding to GStreamer. */
  addon: ['g++', 'make', 'pkg-config', 'python3', 'libgstreamer1.0-dev', 'libgstreamer-plugins-base1.0-dev'],
  /** mediasoup's worker, where no prebuilt one can be had. */
  worker: [
    'g++',
    'meson',
    'ninja-build',
    'pkg-config',
    'libssl-dev',
    'libuv1-dev',
    'libsrtp2-dev',
    'libabsl-dev',
    'libflatbuffers-dev',
    'flatbuffers-compiler',
  ],
  /** What the demo's panelists speak with. */
  demo: ['espeak-ng'],
  /** The cache in front of the origin, and what speaks TLS and HTTP/2 in front of that. */
  edge: ['varnish', 'haproxy'],
  /** What relays the stage to who is behind a firewall. */
  turn: ['coturn'],
  /**
   * Browsers of panelists and viewers, what the results are held against, the database they run on beside SQLite, and what makes bad
   * networks. What is sent to CloudFront is held against AWS's model of it, which botocore carries.
   * S3 is a server of its protocol, Swift.
   */
  test: [
    'chromium',
    'firefox-esr',
    'ffmpeg',
    'postgresql',
    'iproute2',
    'iptables',
    'procps',
    'python3',
    'python3-botocore',
    'swift-proxy',
    'swift-account',
    'swift-container',
    'swift-object',
  ],
} as const;

export type PackageGroup = keyof typeof debianPackages;

/** The line that installs packages, as one would type it. */
export function installLine(packages: string[]): string {
  return `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** This machine has no dpkg. */
export class NotDebianError extends Error {
  readonly code = 'not_debian';
  constructor(packages: string[]) {
    super(
      `this is not Debian or a system like it: install what these packages are on Debian 12 (${packages.join(' ')}), ` +
        'then set ROSTRUM_SKIP_PACKAGES=1',
    );
  }
}

/** Which of the packages are not installed, sorted. */
export async function missingPackages(groups: PackageGroup[]): Promise<string[]> {
  if (process.env.ROSTRUM_SKIP_PACKAGES) return [];
  const wanted = [...new Set(groups.flatMap((group) => [...debianPackages[group]]))].sort();
  // Exits with 1 when it does not know one of them, which is an answer, not a failure.
  const listed = await promisify(execFile)('dpkg-query', [
    '-W',
    '-f',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
    '${Package} ${db:Status-Status}\n',
    ...wanted,
  ])
    .then(({ stdout }) => stdout)
    .catch((error: NodeJS.ErrnoException & { stdout?: string }) => {
      if (error.code === 'ENOENT') throw new NotDebianError(wanted);
      return error.stdout ?? '';
    });
  const installed = new Set(
    listed
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return wanted.filter((name) => !installed.has(name));
}

/** Installs packages; as anybody but root it throws. */
export async function installPackages(
  packages: string[],
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  if (packages.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new Error(`only root can install what is missing: ${packages.join(' ')}`);
  }
  report.say(`Debian packages: ${packages.join(' ')}`);
  const options = {
    hasTime: true,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    ...(signal ? { signal } : {}),
    onLine: (line: string) => {
      if (/^(Get:|Unpacking |Setting up |Processing )/.test(line)) report.progress(line.slice(0, 90));
    },
  };
  // Another apt at work (unattended upgrades) is waited for.
  const lock = ['-o', 'DPkg::Lock::Timeout=180'];
  await run('apt-get', [...lock, 'update'], options);
  await run('apt-get', [...lock, 'install', '-y', '--no-install-recommends', ...packages], options);
  // Debian starts one of its own, open to whoever it takes for a user, at the port that ours is to have.
  if (packages.includes('coturn') && existsSync('/run/systemd/system')) {
    await run('systemctl', ['disable', '--now', 'coturn.service'], options);
  }
}
