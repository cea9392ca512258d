import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import type { Player } from '../player/player.ts';
import { SettingsIcon } from './icons.tsx';
import { setShortcuts, shortcutsOn } from './shortcuts.ts';
import { useStore } from './use-store.ts';

interface QualityMenuProps {
  readonly player: Player;
  /** What the keys do, in a sentence. */
  readonly keys: string;
  /** More to choose. */
  readonly children?: ComponentChildren;
}

/** Quality (and, in a recording, speed) in a small sheet above its button. Radio buttons, so arrow keys just work. */
export function QualityMenu({ player, keys, children }: QualityMenuProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLInputElement>('input:checked')?.focus();
    const away = (event: Event): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    const closeOnEscape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', away);
    document.addEventListener('focusin', away);
    document.addEventListener('keydown', closeOnEscape);
    return () => {
      document.removeEventListener('pointerdown', away);
      document.removeEventListener('focusin', away);
      document.removeEventListener('keydown', closeOnEscape);
    };
  }, [open]);

  return (
    <div class="menu" ref={root}>
      <button
        type="button"
        ref={button}
        class="icon-button"
        aria-label={t.player.quality}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <SettingsIcon />
      </button>
      <div id={id} class="menu-sheet" hidden={!open}>
        {open && <Qualities player={player} />}
        {open && children}
        {open && <ShortcutsSwitch keys={keys} />}
      </div>
    </div>
  );
}

function Qualities({ player }: { player: Player }) {
  const choices = useStore(player.state, (s) => s.choices);
  const quality = useStore(player.state, (s) => s.quality);
  const playing = useStore(player.state, (s) => s.playingHeight);
  const auto = quality === 'auto' && playing !== null ? t.player.autoAt(playing) : t.player.auto;
  return (
    <fieldset>
      <legend>{t.player.quality}</legend>
      {[{ id: 'auto', label: auto }]
        .concat(
          choices.map(({ id, height }) => ({
            id,
            label: height === null ? t.player.audioOnly : t.player.height(height),
          })),
        )
        .map(({ id, label }) => (
          <label key={id}>
            <input
              type="radio"
              name="quality"
              checked={quality === id}
              onChange={() => player.chooseQuality(id)}
            />
            {label}
          </label>
        ))}
    </fieldset>
  );
}

function ShortcutsSwitch({ keys }: { keys: string }) {
  const [on, setOn] = useState(shortcutsOn());
  return (
    <label class="menu-switch">
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => {
          setShortcuts(event.currentTarget.checked);
          setOn(event.currentTarget.checked);
        }}
      />
      <span>
        {t.player.shortcuts}
        <small>{keys}</small>
      </span>
    </label>
  );
}
