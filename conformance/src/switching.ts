/** What a player does that changes the rendition: it goes on where the report of the other playlist says that this one is. */
import { askAtOnce, textOf, withQuery } from './http.ts';
import type { Ledger } from './ledger.ts';
import { type MediaPlaylist, readMediaPlaylist } from './media-playlist.ts';

export interface Change {
  /** The playlist that is left, as it was last read, and its URL. */
  readonly url: string;
  readonly playlist: MediaPlaylist;
  /** URL of the playlist that is taken up. */
  readonly to: string;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
}

/** LL7: the part that the report tells of is answered at once, and is listed there. Without a report there is nothing to see. */
export async function changeRendition({ url, playlist, to, ledger, signal }: Change): Promise<void> {
  const report = playlist.reports.find(({ uri }) => new URL(uri, url).href === to);
  if (!report || report.lastMsn === null || report.lastPart === null) return;
  const { lastMsn, lastPart } = report;
  const query = { _HLS_msn: lastMsn, _HLS_part: lastPart };
  const answer = await askAtOnce(withQuery(to, query), to, { signal });
  const words = (): string => `${answer.url}, as ${url} reports`;
  const answered = answer.status === 200 && answer.atOnce;
  if (
    !ledger.look('LL7', answered, () => `${words()}: ${answer.status} after ${answer.headMs.toFixed(0)} ms`)
  ) {
    return;
  }
  const { segments, ended } = readMediaPlaylist(textOf(answer));
  const segment = segments.find(({ msn }) => msn === lastMsn);
  const listed = segment !== undefined && (segment.uri !== null || segment.parts.length > lastPart);
  ledger.look('LL7', listed || ended, () => `${words()}: is not listed`);
}
