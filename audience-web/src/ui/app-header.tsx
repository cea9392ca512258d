import { t } from '../messages.ts';
import type { WatchSession } from '../room/session.ts';
import { EyeIcon } from './icons.tsx';
import { useStore } from './use-store.ts';

export function AppHeader(props: { readonly session: WatchSession; readonly live: boolean }) {
  const watching = useStore(props.session.state, (s) => s.watching);
  return (
    <header class="header">
      <span class="brand">
        <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M5 3.5h14l-2.2 9H7.2z" />
          <path d="M8.6 14.5h6.8l1.6 6H7z" />
        </svg>
        <span class="brand-name">{t.product}</span>
      </span>
      <span class="spacer" />
      {props.live && (
        <span class="air-badge">
          <span class="dot" aria-hidden="true" />
          {t.live}
        </span>
      )}
      {props.live && <span class="muted small">{t.recorded}</span>}
      <span class="watching">
        {watching !== null && (
          <>
            <EyeIcon />
            {t.watching(watching)}
          </>
        )}
      </span>
    </header>
  );
}
