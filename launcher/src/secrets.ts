import { randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { run } from './run.ts';
import type { Settings } from './settings.ts';

/** A secret that stays the same from run to run: made at the first, readable by its owner alone. */
export function keptSecret(dir: string, name: string): string {
  const file = `${dir}/${name}`;
  mkdirSync(dir, { recursive: true });
  if (!existsSync(file)) {
    // 'wx': of two that start at once, one writes and both read the same.
    try {
      writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return readFileSync(file, 'utf8').trim();
}

/**
 * The file to give our own services as NODE_EXTRA_CA_CERTS so that they trust our own certificate, beside those
 * that this machine trusts by that variable already.
 */
export function trustFile(dir: string, certFile: string): string {
  const already = process.env.NODE_EXTRA_CA_CERTS;
  if (!already || !existsSync(already)) return certFile;
  const file = `${dir}/trusted.pem`;
  writeFileSync(file, `${readFileSync(already, 'utf8')}\n${readFileSync(certFile, 'utf8')}`);
  return file;
}

const renewBeforeMs = 7 * 24 * 3600 * 1000;

/** Whether a certificate is still good for a week and for all the names. */
function coversAll(certFile: string, names: string[]): boolean {
  if (!existsSync(certFile)) return false;
  const cert = new X509Certificate(readFileSync(certFile));
  return (
    cert.validToDate.getTime() > Date.now() + renewBeforeMs &&
    names.every((name) => (isIP(name) ? cert.checkIP(name) : cert.checkHost(name)) !== undefined)
  );
}

/**
 * A certificate of our own for the names under which this machine is reached, made anew when it runs out or the
 * names change. Browsers warn about it once; then cameras work there, which off localhost need HTTPS.
 */
export async function ownCertificate(
  dir: string,
  settings: Settings,
): Promise<{ certFile: string; keyFile: string }> {
  const [certFile, keyFile] = [`${dir}/cert.pem`, `${dir}/key.pem`];
  const publicHosts = [settings.console.publicUrl, settings.origin.publicUrl].flatMap((url) =>
    url ? [new URL(url).hostname.replace(/^\[|\]$/g, '')] : [],
  );
  const reached = [settings.console.host, settings.origin.host, settings.sfu.announcedIp, ...publicHosts];
  const names = [...new Set(['localhost', '127.0.0.1', '::1', hostname(), ...reached])].filter(
    (name) => name !== '0.0.0.0' && name !== '::',
  );
  if (existsSync(keyFile) && coversAll(certFile, names)) return { certFile, keyFile };
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const altNames = names.map((name) => `${isIP(name) ? 'IP' : 'DNS'}:${name}`).join(',');
  // Browsers take no certificate that is good for more than 398 days.
  await run('openssl', [
    ...[
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '397',
    ],
    ...['-keyout', keyFile, '-out', certFile, '-subj', '/CN=Rostrum on this machine'],
    ...['-addext', `subjectAltName=${altNames}`, '-addext', 'basicConstraints=critical,CA:TRUE'],
  ]);
  return { certFile, keyFile };
}
