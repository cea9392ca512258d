'use client';

import { Button, Menu } from '@mantine/core';
import type { OwnAccount } from '@rostrum/contracts';
import { IconUser } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import { accountApi } from '../../lib/account-api.ts';

/** Who one is, and where to from here. */
export function AccountMenu({ account }: { readonly account: OwnAccount }) {
  const t = useTranslations('account');
  const signOut = async (): Promise<void> => {
    await accountApi.signOut();
    window.location.assign('/signin');
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" color="plain" size="sm" leftSection={<IconUser size={18} aria-hidden />}>
          <bdi>{account.name}</bdi>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href="/">
          {t('menu.webinars')}
        </Menu.Item>
        <Menu.Item component="a" href="/account">
          {t('menu.account')}
        </Menu.Item>
        {account.role === 'owner' ? (
          <Menu.Item component="a" href="/members">
            {t('menu.members')}
          </Menu.Item>
        ) : null}
        <Menu.Item onClick={() => void signOut()}>{t('menu.signOut')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
