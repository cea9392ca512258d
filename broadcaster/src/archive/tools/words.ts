import type { Change } from './repair.ts';

export function changeWords(change: Change, dryRun: boolean): string {
  const did = (done: string, would: string): string => (dryRun ? `would ${would}` : done);
  switch (change.kind) {
    case 'fetched': {
      const what = `${change.file} (${size(change.bytes)}) from the bucket`;
      return did(`fetched ${what}`, `fetch ${what}`);
    }
    case 'given-up': {
      const what = `${(change.durationMs / 1000).toFixed(2)} s of ${change.rendition} (segment ${change.msn}): players go around it`;
      return did(`gave up ${what}`, `give up ${what}`);
    }
    case 'cut-torn-line': {
      const what = `the journal's torn line (${change.bytes} bytes that never counted)`;
      return did(`cut off ${what}`, `cut off ${what}`);
    }
    case 'recovered':
      return did(
        'recovered it as a broadcaster would that goes on with it',
        'recover it as a broadcaster would that goes on with it',
      );
    case 'ended':
      return did('ended it', 'end it');
    case 'wrote-playlists':
      return did('wrote its playlists anew', 'write its playlists anew');
    case 'copies-again': {
      const what = `${change.files} ${change.files === 1 ? 'file' : 'files'} wanting in the bucket: the next broadcaster copies all of it anew`;
      return did(`noted ${what}`, `note ${what}`);
    }
  }
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes, for people. */
export function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}
