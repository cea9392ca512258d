'use client';

import { NativeSelect, Switch } from '@mantine/core';
import { isolate } from '@rostrum/contracts/lines';
import { IconHandFinger, IconSparkles } from '@tabler/icons-react';
import { LAYOUTS } from '../../lib/layouts.ts';
import { useControl } from './context.ts';
import room from './control.module.css';
import classes from './direct-panel.module.css';
import { LayoutIcon } from './layout-icon.tsx';

/** Who directs, which layout, who is large and whose screen is shown. */
export function DirectPanel() {
  const { view, stage, direct, send } = useControl();
  const { scene, direction } = view;
  if (!scene) return null;
  const sharers = new Set(stage.remotes.filter((r) => r.source === 'screen').map((r) => r.personId));
  if (stage.screen) sharers.add(view.self.personId);
  const screens = scene.onAir.filter((p) => sharers.has(p.personId) || p.personId === scene.screen);
  const idle = [...sharers].filter((id) => !scene.onAir.some((p) => p.personId === id));
  return (
    <>
      <div className={room.panel}>
        <h2 className={room.heading}>Direction</h2>
        <fieldset className={classes.modes} aria-label="Direction">
          <button
            type="button"
            aria-pressed={direction === 'automatic'}
            onClick={() => void send('direction:set', { direction: 'automatic' })}
          >
            <IconSparkles size={18} aria-hidden /> Automatic
          </button>
          <button
            type="button"
            aria-pressed={direction === 'manual'}
            onClick={() => void send('direction:set', { direction: 'manual' })}
          >
            <IconHandFinger size={18} aria-hidden /> Manual
          </button>
        </fieldset>
        <p className={room.muted}>
          {direction === 'automatic'
            ? 'Everyone on stage is on air, and the layout follows. Choosing anything by hand takes over.'
            : 'Nothing changes unless you change it.'}
        </p>
      </div>
      <div className={room.panel}>
        <h2 className={room.heading}>Layout</h2>
        <fieldset className={classes.layouts} aria-label="Layout">
          {LAYOUTS.map(({ name, label }, i) => (
            <button
              key={name}
              type="button"
              aria-pressed={scene.layout === name}
              aria-keyshortcuts={String(i + 1)}
              onClick={() => void direct('scene:update', { layout: name })}
            >
              <LayoutIcon layout={name} />
              <span>{label}</span>
            </button>
          ))}
        </fieldset>
        <NativeSelect
          label="Focus"
          value={scene.focus ?? ''}
          onChange={(event) => void direct('scene:update', { focus: event.currentTarget.value || null })}
          data={[
            { value: '', label: 'First in the picture' },
            ...scene.onAir.map((p) => ({ value: p.personId, label: isolate(p.name) })),
          ]}
        />
        <NativeSelect
          label="Screen share"
          value={scene.screen ?? ''}
          disabled={screens.length === 0}
          description={
            screens.length > 0
              ? undefined
              : idle.length > 0
                ? 'Someone shares a screen but is not on air.'
                : 'Nobody shares a screen.'
          }
          onChange={(event) => void direct('scene:update', { screen: event.currentTarget.value || null })}
          data={[
            { value: '', label: 'None shown' },
            ...screens.map((p) => ({ value: p.personId, label: `Screen of ${isolate(p.name)}` })),
          ]}
        />
        <Switch
          label="Name cards"
          checked={scene.nameCards}
          onChange={(event) => void send('scene:update', { nameCards: event.currentTarget.checked })}
        />
      </div>
    </>
  );
}
