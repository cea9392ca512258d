'use client';

import { ActionIcon, Popover, Tooltip } from '@mantine/core';
import type { StageState } from '@rostrum/panel-sfu/client/stage';
import {
  IconDoorExit,
  IconKeyboard,
  IconMessages,
  IconMicrophone,
  IconMicrophoneOff,
  IconScreenShare,
  IconScreenShareOff,
  IconSettings,
  IconVideo,
  IconVideoOff,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Devices } from '../../lib/use-devices.ts';
import { UnreadBadge } from '../backstage/unread-badge.tsx';
import { DevicePickers } from '../shared/device-picker.tsx';
import { DeviceTrial } from '../shared/device-trial.tsx';
import { MicMeter } from '../shared/mic-meter.tsx';
import { Quality } from '../shared/quality.tsx';
import { ThemeToggle } from '../shared/theme-toggle.tsx';
import classes from './stage-controls.module.css';

/** The bar below the stage: what one sends, and the way out. */
export function StageControls({
  stage,
  devices,
  screenAvailable,
  onMute,
  onCamera,
  onScreen,
  chat,
  unread,
  onChat,
  onHelp,
  onLeave,
}: {
  readonly stage: StageState;
  readonly devices: Devices;
  readonly screenAvailable: boolean;
  readonly onMute: () => void;
  readonly onCamera: () => void;
  readonly onScreen: () => void;
  readonly chat: boolean;
  readonly unread: number;
  readonly onChat: () => void;
  readonly onHelp: () => void;
  readonly onLeave: () => void;
}) {
  const t = useTranslations('backstage.chat');
  return (
    <footer className={classes.bar}>
      <div className={classes.side}>
        <Quality quality={stage.quality} />
      </div>
      <div className={classes.main}>
        <Control
          label={stage.micMuted ? 'Unmute' : 'Mute'}
          hint="M"
          off={stage.micMuted}
          disabled={!stage.mic}
          onClick={onMute}
        >
          {stage.micMuted || !stage.mic ? <IconMicrophoneOff aria-hidden /> : <IconMicrophone aria-hidden />}
        </Control>
        <Control
          label={stage.cameraOff ? 'Start camera' : 'Stop camera'}
          hint="V"
          off={stage.cameraOff}
          disabled={!stage.camera}
          onClick={onCamera}
        >
          {stage.cameraOff || !stage.camera ? <IconVideoOff aria-hidden /> : <IconVideo aria-hidden />}
        </Control>
        {screenAvailable ? (
          <Control
            label={stage.screen ? 'Stop sharing' : 'Share screen'}
            hint="S"
            active={stage.screen !== null}
            onClick={onScreen}
          >
            {stage.screen ? <IconScreenShareOff aria-hidden /> : <IconScreenShare aria-hidden />}
          </Control>
        ) : null}
        <Control
          label={t('open')}
          hint="C"
          active={chat}
          expanded={chat}
          onClick={onChat}
          badge={<UnreadBadge count={unread} />}
        >
          <IconMessages aria-hidden />
        </Control>
        <Control label="Leave" onClick={onLeave}>
          <IconDoorExit aria-hidden />
        </Control>
      </div>
      <div className={classes.side} data-end>
        <Popover position="top-end" withinPortal trapFocus width={320}>
          <Popover.Target>
            <ActionIcon variant="subtle" color="plain" size="lg" aria-label="Devices">
              <IconSettings size={20} aria-hidden />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown>
            <div className={classes.devices}>
              <DevicePickers devices={devices} />
              <MicMeter track={devices.state.tracks.mic} />
              <DeviceTrial devices={devices} />
            </div>
          </Popover.Dropdown>
        </Popover>
        <Tooltip label="Keyboard shortcuts (?)">
          <ActionIcon
            className={classes.keyboard}
            variant="subtle"
            color="plain"
            size="lg"
            aria-label="Keyboard shortcuts"
            onClick={onHelp}
          >
            <IconKeyboard size={20} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <ThemeToggle />
      </div>
    </footer>
  );
}

function Control({
  label,
  hint,
  off = false,
  active = false,
  disabled = false,
  expanded,
  badge,
  onClick,
  children,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly off?: boolean;
  readonly active?: boolean;
  readonly disabled?: boolean;
  readonly expanded?: boolean;
  readonly badge?: ReactNode;
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  return (
    <button
      type="button"
      className={classes.control}
      data-off={off || undefined}
      data-active={active || undefined}
      disabled={disabled}
      aria-expanded={expanded}
      aria-keyshortcuts={hint}
      title={hint ? `${label} (${hint})` : label}
      onClick={onClick}
    >
      {children}
      <span>{label}</span>
      {badge ? <b className={classes.badge}>{badge}</b> : null}
    </button>
  );
}
