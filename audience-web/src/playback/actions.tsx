import { useState } from 'preact/hooks';
import { locale } from '../messages.ts';
import type { Player } from '../player/player.ts';
import { useStore } from '../ui/use-store.ts';
import { DownloadIcon, ShareIcon } from './icons.tsx';
import type { Recording } from './recording.ts';
import { ShareDialog } from './share-dialog.tsx';
import { w } from './words.ts';

interface ActionsProps {
  readonly webinarId: string;
  readonly title: string;
  readonly recording: Recording;
  readonly player: Player;
  readonly onLive: (() => void) | null;
}

const megabytes = new Intl.NumberFormat(locale, {
  style: 'unit',
  unit: 'megabyte',
  maximumFractionDigits: 0,
});

/** Under the picture: what can be done with a recording besides watching it. */
export function PlaybackActions({ webinarId, title, recording, player, onLive }: ActionsProps) {
  const downloads = useStore(recording.state, (s) => s.about.downloads);
  const [sharedAtS, setSharedAtS] = useState<number | null>(null);
  return (
    <>
      {onLive && (
        <button type="button" class="button small primary" onClick={onLive}>
          <span class="dot" aria-hidden="true" />
          {w.backToLive}
        </button>
      )}
      <button
        type="button"
        class="button small"
        onClick={() => setSharedAtS(player.state.get().positionS)}
        aria-haspopup="dialog"
      >
        <ShareIcon />
        {w.share}
      </button>
      {downloads.length > 0 && (
        <details class="downloads">
          <summary class="button small">
            <DownloadIcon />
            {w.download}
          </summary>
          <ul>
            {downloads.map(({ rendition, bytes, url }) => (
              <li key={url}>
                <a href={url} download={`${title} ${rendition}.mp4`}>
                  {w.downloadOf(rendition, megabytes.format(Math.max(1, bytes / 1e6)))}
                </a>
              </li>
            ))}
          </ul>
        </details>
      )}
      {sharedAtS !== null && (
        <ShareDialog webinarId={webinarId} title={title} atS={sharedAtS} onClose={() => setSharedAtS(null)} />
      )}
    </>
  );
}
