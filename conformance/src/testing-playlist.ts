/** A playlist that holds every rule, for tests to spoil one thing of. */

const PART_S = 0.32;
const PARTS = 6;
const SEGMENT_S = 1.92;
const ZERO_MS = Date.UTC(2026, 0, 1);

export interface Made {
  /** First segment listed. */
  readonly from: number;
  /** The open segment, and how many parts it has. */
  readonly open: number;
  readonly parts: number;
  readonly rendition?: string;
  readonly ended?: boolean;
}

const partLine = (rendition: string, msn: number, part: number): string =>
  `#EXT-X-PART:DURATION=${PART_S.toFixed(5)},URI="${rendition}/${msn}.${part}.mp4"${part === 0 ? ',INDEPENDENT=YES' : ''}`;

/** The text of a live playlist (`ended`: of its end). */
export function madePlaylist({ from, open, parts, rendition = '720p', ended = false }: Made): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    '#EXT-X-TARGETDURATION:2',
    '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.96000,HOLD-BACK=6.00000,CAN-SKIP-UNTIL=12.00000',
    `#EXT-X-PART-INF:PART-TARGET=${PART_S.toFixed(5)}`,
    `#EXT-X-MEDIA-SEQUENCE:${from}`,
    '#EXT-X-DISCONTINUITY-SEQUENCE:0',
    `#EXT-X-MAP:URI="${rendition}/init.mp4"`,
  ];
  for (let msn = from; msn <= open; msn += 1) {
    const closed = msn < open;
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(ZERO_MS + Math.round(msn * SEGMENT_S * 1000)).toISOString()}`,
    );
    const endBehindS = (open - msn - 1) * SEGMENT_S + parts * PART_S;
    const count = closed ? (endBehindS <= 6 && !ended ? PARTS : 0) : parts;
    for (let part = 0; part < count; part += 1) lines.push(partLine(rendition, msn, part));
    if (closed) lines.push(`#EXTINF:${SEGMENT_S.toFixed(5)},`, `${rendition}/${msn}.mp4`);
  }
  if (ended) return `${[...lines.slice(0, -1 - parts), '#EXT-X-ENDLIST'].join('\n')}\n`;
  const hint = parts === PARTS ? `${open + 1}.0` : `${open}.${parts}`;
  lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${rendition}/${hint}.mp4"`);
  for (const other of ['720p', '480p'].filter((name) => name !== rendition)) {
    lines.push(`#EXT-X-RENDITION-REPORT:URI="${other}.m3u8",LAST-MSN=${open},LAST-PART=${parts - 1}`);
  }
  return `${lines.join('\n')}\n`;
}
