import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { formatDuration } from '../player/format.ts';
import type { Player } from '../player/player.ts';
import { useStore } from '../ui/use-store.ts';
import { chapterAt } from './chapters.ts';
import { SearchIcon } from './icons.tsx';
import { linkAt } from './moment.ts';
import type { Recording } from './recording.ts';
import { type Hit, type Line, search } from './search.ts';
import { w } from './words.ts';

interface ContentsProps {
  readonly webinarId: string;
  readonly recording: Recording;
  readonly player: Player;
}

/** Chapters and what was said, and a search in both. */
export function Contents({ webinarId, recording, player }: ContentsProps) {
  const chapters = useStore(recording.state, (s) => s.about.chapters);
  const said = useStore(recording.state, (s) => s.said);
  const hasCaptions = useStore(recording.state, (s) => s.about.captions.length > 0);
  const failed = useStore(recording.state, (s) => s.captions === 'failed');
  const current = useStore(player.state, (s) => chapterAt(chapters, s.positionS));
  const [query, setQuery] = useState('');
  useEffect(() => {
    if (hasCaptions) recording.listen();
  }, [recording, hasCaptions]);

  const names = chapters.map(
    ({ startMs, title }): Line => ({ startS: startMs / 1000, text: title, from: 'chapter' }),
  );
  const asked = query.trim() !== '';
  const hits = asked
    ? search(
        [...names, ...said].sort((a, b) => a.startS - b.startS),
        query,
      )
    : [];
  const row = (line: Line, isCurrent: boolean, text: ComponentChildren) => (
    <Row
      key={`${line.from} ${line.startS} ${line.text}`}
      href={linkAt(location.origin, webinarId, line.startS)}
      startS={line.startS}
      current={isCurrent}
      strong={line.from === 'chapter'}
      onPick={() => player.seekTo(line.startS)}
    >
      {text}
    </Row>
  );

  return (
    <section class="contents" aria-label={w.contents}>
      <search class="contents-search">
        <SearchIcon />
        <input
          type="search"
          value={query}
          placeholder={w.searchPlaceholder}
          aria-label={w.searchLabel}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </search>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys */}
      <div class="contents-scroll" tabIndex={0}>
        <p class="contents-note" role="status">
          {asked ? w.hits(hits.length) : failed ? w.captionsFailed : ''}
        </p>
        {asked && <ol>{hits.map((hit) => row(hit.line, false, <Marked hit={hit} />))}</ol>}
        {!asked && names.length > 0 && (
          <>
            <h2>{w.chapters}</h2>
            <ol>{names.map((line, i) => row(line, i === current, line.text))}</ol>
          </>
        )}
        {!asked && said.length > 0 && (
          <>
            <h2>{w.transcript}</h2>
            <ol class="transcript">{said.map((line) => row(line, false, line.text))}</ol>
          </>
        )}
      </div>
    </section>
  );
}

interface RowProps {
  readonly href: string;
  readonly startS: number;
  readonly current: boolean;
  readonly strong: boolean;
  readonly onPick: () => void;
  readonly children: ComponentChildren;
}

/** A link, so that it can be copied and opened elsewhere; pressed, it leads there in this page. */
function Row({ href, startS, current, strong, onPick, children }: RowProps) {
  return (
    <li>
      <a
        class={`contents-row ${strong ? 'strong' : ''}`}
        href={href}
        aria-current={current ? 'true' : undefined}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          onPick();
        }}
      >
        <time>{formatDuration(startS)}</time>
        <bdi>{children}</bdi>
      </a>
    </li>
  );
}

function Marked({ hit: { line, places } }: { hit: Hit }) {
  let at = 0;
  const pieces = places.flatMap(([from, to]) => {
    const piece = [line.text.slice(at, from), <mark key={from}>{line.text.slice(from, to)}</mark>];
    at = to;
    return piece;
  });
  return (
    <>
      {pieces}
      {line.text.slice(at)}
    </>
  );
}
