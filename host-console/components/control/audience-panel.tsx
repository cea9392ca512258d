'use client';

import { Tabs } from '@mantine/core';
import { IconHandStop, IconMessageQuestion } from '@tabler/icons-react';
import { isHeld, isOpen } from '../../lib/questions.ts';
import { useRoomState } from '../../lib/use-room.ts';
import { RecordingPanel } from '../recording/recording-panel.tsx';
import classes from './audience-panel.module.css';
import { useControl } from './context.ts';
import { HandsPanel } from './hands-panel.tsx';
import { QuestionsPanel } from './questions-panel.tsx';

const TABS = ['questions', 'hands', 'recording'] as const;
export type AudienceTab = (typeof TABS)[number];

/** What the audience wants, questions and raised hands, and what it will get to see again. */
export function AudiencePanel({
  tab,
  onTab,
}: {
  readonly tab: AudienceTab;
  readonly onTab: (tab: AudienceTab) => void;
}) {
  const { view, send, session } = useControl();
  const { health } = useRoomState(session.room);
  const open = view.questions.filter((q) => isOpen(q) || isHeld(q)).length;
  const held = view.questions.some(isHeld);
  const hands = view.hands.length;
  return (
    <Tabs
      className={classes.tabs}
      value={tab}
      onChange={(value) => onTab(TABS.find((name) => name === value) ?? 'questions')}
      keepMounted={false}
    >
      <Tabs.List grow className={classes.tabList}>
        <Tabs.Tab
          className={classes.tab}
          value="questions"
          leftSection={<IconMessageQuestion size={18} aria-hidden />}
        >
          Questions{' '}
          <span className={classes.badge} data-some={held || undefined}>
            {open}
          </span>
        </Tabs.Tab>
        <Tabs.Tab className={classes.tab} value="hands" leftSection={<IconHandStop size={18} aria-hidden />}>
          Hands{' '}
          <span className={classes.badge} data-some={hands > 0 || undefined}>
            {hands}
          </span>
        </Tabs.Tab>
        <Tabs.Tab className={classes.tab} value="recording">
          Recording
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="questions" className={classes.panel}>
        <QuestionsPanel />
      </Tabs.Panel>
      <Tabs.Panel value="hands" className={classes.panel}>
        <HandsPanel />
      </Tabs.Panel>
      <Tabs.Panel value="recording" className={classes.panel}>
        <RecordingPanel view={view} files={health?.downloads ?? []} send={send} />
      </Tabs.Panel>
    </Tabs>
  );
}
