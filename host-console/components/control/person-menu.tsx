'use client';

import { ActionIcon, Menu } from '@mantine/core';
import type { PersonQuality } from '@rostrum/contracts';
import { isolate } from '@rostrum/contracts/lines';
import { IconDots, IconUserMinus, IconUserX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { MODERATION } from '../../lib/messages.ts';
import { notifyDone } from '../../lib/notify.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import { NetworkNumbers } from '../shared/network-numbers.tsx';
import { useControl } from './context.ts';
import classes from './person-menu.module.css';

const words = MODERATION.en;

/** What to do about somebody: out for a while at once, for good after a question. `children`: what may be done besides. */
export function PersonMenu({
  personId,
  name,
  role,
  network = null,
  children,
}: {
  readonly personId: string;
  readonly name: string;
  /** What they are, in words. */
  readonly role: string;
  readonly network?: PersonQuality | null;
  readonly children?: ReactNode;
}) {
  const { send } = useControl();
  const [asking, setAsking] = useState(false);
  const who = isolate(name);

  const sendOut = async (): Promise<void> => {
    if (await send('person:sendOut', { personId })) notifyDone(words.wasSentOut(who));
  };
  const ban = async (): Promise<void> => {
    setAsking(false);
    if (await send('person:remove', { personId })) notifyDone(words.banned(who));
  };

  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="plain" aria-label={words.more(who)}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <bdi>{name}</bdi> · {role}
          </Menu.Label>
          {network ? <NetworkNumbers name={who} quality={network} /> : null}
          {children}
          <Menu.Item
            title={words.sendOutHint}
            leftSection={<IconUserMinus size={16} aria-hidden />}
            onClick={() => void sendOut()}
          >
            {words.sendOut(who)}
            <span className={classes.hint} aria-hidden>
              {words.sendOutHint}
            </span>
          </Menu.Item>
          <Menu.Item
            color="air"
            leftSection={<IconUserX size={16} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            {words.ban(who)}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asking}
        title={words.banTitle(who)}
        text={words.banHint}
        no={words.keep}
        yes={words.ban(who)}
        onNo={() => setAsking(false)}
        onYes={() => void ban()}
      />
    </>
  );
}
