import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly content: ComponentChildren;
  /** Something in there wants attention. */
  readonly mark?: boolean;
}

/** ARIA tabs; one alone is no tab. Every panel stays in the page, so that nothing typed is lost by looking elsewhere, or by what comes beside it. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  /** undefined: nobody has chosen, and what comes first is shown. */
  const [chosen, setChosen] = useState<string>();
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const active = tabs.find((tab) => tab.id === chosen) ?? tabs[0];
  const move = (step: number): void => {
    const at = active ? tabs.indexOf(active) : 0;
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    setChosen(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  const alone = tabs.length === 1;
  return (
    <div class={alone ? 'tabs alone' : 'tabs'}>
      <div class="tab-list" role="tablist" aria-label={label} ref={list} hidden={alone}>
        {tabs.map((tab) => (
          <button
            type="button"
            role="tab"
            key={tab.id}
            data-tab={tab.id}
            id={`${id}-${tab.id}`}
            aria-controls={`${id}-${tab.id}-panel`}
            aria-selected={tab === active}
            tabIndex={tab === active ? 0 : -1}
            onClick={() => setChosen(tab.id)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowRight') move(1);
              else if (event.key === 'ArrowLeft') move(-1);
            }}
          >
            {tab.label}
            {tab.mark && <span class="tab-mark" aria-hidden="true" />}
          </button>
        ))}
      </div>
      {tabs.map((tab) => (
        <div
          key={tab.id}
          class="tab-panel"
          id={`${id}-${tab.id}-panel`}
          {...(alone ? {} : { role: 'tabpanel', 'aria-labelledby': `${id}-${tab.id}` })}
          hidden={tab !== active}
        >
          {tab.content}
        </div>
      ))}
    </div>
  );
}
