'use client';

import type { LayoutName } from '@rostrum/contracts';
import { SCENE_LINE_MAX } from '@rostrum/contracts/lines';
import { clipText } from '@rostrum/contracts/text';
import { useEffect, useState } from 'react';
import { CONTROL_SHORTCUTS, type ControlAction } from '../../lib/keyboard.ts';
import { LAYOUTS } from '../../lib/layouts.ts';
import { markNow } from '../../lib/marks.ts';
import { useShortcuts } from '../../lib/use-shortcuts.ts';
import { ShortcutHelp } from '../shared/shortcut-help.tsx';
import type { AudienceTab } from './audience-panel.tsx';
import { useControl } from './context.ts';

/** Window events by which a shortcut asks another part of the page for its dialog. */
export const ASK_AIR_EVENT = 'rostrum:ask-air';
export const ASK_HELP_EVENT = 'rostrum:ask-help';

/** The control room's keys, and their help sheet. */
export function ControlShortcuts({
  onAudience,
  onChat,
}: {
  readonly onAudience: (tab: AudienceTab) => void;
  readonly onChat: () => void;
}) {
  const { session, view, stage, send, direct } = useControl();
  const [help, setHelp] = useState(false);

  useEffect(() => {
    const open = (): void => setHelp(true);
    window.addEventListener(ASK_HELP_EVENT, open);
    return () => window.removeEventListener(ASK_HELP_EVENT, open);
  }, []);

  const layout = (name: LayoutName | undefined): void => {
    if (name) void direct('scene:update', { layout: name });
  };
  const toggleLowerThird = (): void => {
    const title = view.scene?.onAir.find((p) => p.personId === view.scene?.focus) ?? view.scene?.onAir[0];
    if (view.scene?.lowerThird) void send('scene:update', { lowerThird: null });
    else if (title) void send('scene:update', { lowerThird: { title: title.name, subtitle: '' } });
  };
  const toggleSlide = (): void => {
    const slide = view.scene?.slide
      ? null
      : { kind: 'holding' as const, title: clipText(view.title, SCENE_LINE_MAX), subtitle: '' };
    void send('scene:update', { slide });
  };

  useShortcuts(CONTROL_SHORTCUTS, (action: ControlAction) => {
    switch (action) {
      case 'layout-1':
        return layout(LAYOUTS[0]?.name);
      case 'layout-2':
        return layout(LAYOUTS[1]?.name);
      case 'layout-3':
        return layout(LAYOUTS[2]?.name);
      case 'layout-4':
        return layout(LAYOUTS[3]?.name);
      case 'layout-5':
        return layout(LAYOUTS[4]?.name);
      case 'direction':
        return void send('direction:set', {
          direction: view.direction === 'automatic' ? 'manual' : 'automatic',
        });
      case 'lower-third':
        return toggleLowerThird();
      case 'slide':
        return toggleSlide();
      case 'questions':
      case 'hands':
      case 'recording':
        return onAudience(action);
      case 'mark':
        return void markNow(view, send);
      case 'chat':
        return onChat();
      case 'mute':
        if (stage.mic) session.stage.setMicMuted(!stage.micMuted);
        return;
      case 'camera':
        if (stage.camera) session.stage.setCameraOff(!stage.cameraOff);
        return;
      case 'air':
        return void window.dispatchEvent(new Event(ASK_AIR_EVENT));
      case 'help':
        return setHelp(true);
    }
  });
  return <ShortcutHelp shortcuts={CONTROL_SHORTCUTS} opened={help} onClose={() => setHelp(false)} />;
}
