import { accessOf } from '@rostrum/contracts/media-urls';
import { useId, useRef, useState } from 'preact/hooks';
import { formatDuration } from '../player/format.ts';
import { Dialog } from '../ui/dialog.tsx';
import { frameSnippet, linkAt } from './moment.ts';
import { w } from './words.ts';

interface ShareDialogProps {
  readonly webinarId: string;
  readonly title: string;
  /** Where the picture is. */
  readonly atS: number;
  readonly onClose: () => void;
}

/** The recording's address, from here on if that is wanted, and what shows it in another page. */
export function ShareDialog({ webinarId, title, atS, onClose }: ShareDialogProps) {
  const [fromHere, setFromHere] = useState(false);
  const seconds = fromHere ? atS : null;
  const open = accessOf(webinarId) === 'open';
  return (
    <Dialog title={w.shareTitle} onClose={onClose} {...(open ? {} : { text: w.privateHint })}>
      <div class="share">
        <label class="share-moment">
          <input
            type="checkbox"
            checked={fromHere}
            onChange={(event) => setFromHere(event.currentTarget.checked)}
          />
          {w.shareAt(formatDuration(atS))}
        </label>
        <Copied label={w.shareLink} text={linkAt(location.origin, webinarId, seconds)} />
        {open && <Copied label={w.embed} text={frameSnippet(location.origin, webinarId, seconds, title)} />}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {w.close}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function Copied({ label, text }: { label: string; text: string }) {
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const [copied, setCopied] = useState<string | null>(null);
  const copy = (): void => {
    // Without a clipboard (a page without TLS) it is marked, for the keys that copy.
    field.current?.select();
    navigator.clipboard?.writeText(text).then(
      () => setCopied(text),
      () => undefined,
    );
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="share-row">
        <input id={id} ref={field} readOnly value={text} onFocus={(event) => event.currentTarget.select()} />
        <button type="button" class="button" onClick={copy}>
          {copied === text ? w.copied : w.copy}
        </button>
      </div>
      <span class="sr-only" role="status">
        {copied === text ? w.copied : ''}
      </span>
    </div>
  );
}
