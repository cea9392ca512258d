/** Sees that a certificate was renewed, whoever renews it and in whatever way: written over, moved in place, or by a link. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Certificate and key as they lie there now; null while they are not a pair: in the middle of being renewed. */
async function readPair({ certFile, keyFile }: CertificateFiles): Promise<string | null> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? `${cert}${key}` : null;
  } catch {
    return null;
  }
}

/**
 * Reads the files every so often and calls `onRenewed` when there is another certificate whose key is there too. Returns what
 * ends it.
 */
export function watchCertificate(
  files: CertificateFiles,
  everyMs: number,
  onRenewed: () => void,
): () => void {
  let over = false;
  let last: string | null = null;
  let timer: NodeJS.Timeout;
  const look = async (): Promise<void> => {
    const now = await readPair(files);
    if (over) return;
    if (now !== null) {
      if (last !== null && now !== last) onRenewed();
      last = now;
    }
    timer = setTimeout(look, everyMs);
  };
  timer = setTimeout(look, 0);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
