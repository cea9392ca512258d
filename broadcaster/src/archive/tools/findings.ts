/** What can be said of a recording's files. */

/** `file`: relative to the channel's folder; `found`: bytes. */
export type Finding =
  | { readonly kind: 'no-journal' }
  /** Its first line is missing or damaged: nothing of the rest can be played. */
  | { readonly kind: 'no-beginning' }
  /** The last line has no end: what follows the last whole one. */
  | { readonly kind: 'torn-journal'; readonly bytes: number }
  | { readonly kind: 'unreadable-lines'; readonly lines: number }
  | { readonly kind: 'missing'; readonly file: string }
  | { readonly kind: 'short'; readonly file: string; readonly bytes: number; readonly found: number }
  /** As long as it was, with other bytes than those that went to the bucket. */
  | { readonly kind: 'damaged'; readonly file: string }
  | { readonly kind: 'no-playlist'; readonly file: string }
  | { readonly kind: 'unfinished-playlist'; readonly file: string }
  | { readonly kind: 'unreferenced'; readonly file: string; readonly bytes: number }
  | { readonly kind: 'not-in-bucket'; readonly name: string }
  | {
      readonly kind: 'other-in-bucket';
      readonly name: string;
      readonly bytes: number;
      readonly found: number;
    };

export type FindingKind = Finding['kind'];

export interface Report {
  readonly channelId: string;
  /** Whether it has its end; an open one may be written to now. */
  readonly ended: boolean;
  /** Files that the journal names, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  readonly findings: readonly Finding[];
  /** Files on disk that are on their way to the bucket; null: it was not looked at. */
  readonly notUpYet: number | null;
}

/** Whether something is lost, or will be. A file that nothing names harms nobody. */
export const isWrong = ({ kind }: Finding): boolean => kind !== 'unreferenced';

export function wordsOf(finding: Finding): string {
  switch (finding.kind) {
    case 'no-journal':
      return 'it has no journal: nothing says what its files are';
    case 'no-beginning':
      return 'the first line of its journal is missing or damaged: it cannot be played';
    case 'torn-journal':
      return `the last line of its journal is torn: ${finding.bytes} bytes that never counted`;
    case 'unreadable-lines':
      return `${finding.lines} lines of its journal cannot be read`;
    case 'missing':
      return `${finding.file} is missing`;
    case 'short':
      return `${finding.file} has ${finding.found} bytes instead of ${finding.bytes}`;
    case 'damaged':
      return `${finding.file} is not what went to the bucket: its bytes have changed`;
    case 'no-playlist':
      return `${finding.file} is missing, though it has ended`;
    case 'unfinished-playlist':
      return `${finding.file} has no end, though the recording has`;
    case 'unreferenced':
      return `${finding.file} (${finding.bytes} bytes) is in no line of the journal`;
    case 'not-in-bucket':
      return `${finding.name} was copied, and is not in the bucket`;
    case 'other-in-bucket':
      return `${finding.name} has ${finding.found} bytes in the bucket instead of ${finding.bytes}`;
  }
}
