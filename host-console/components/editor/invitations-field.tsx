'use client';

import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import type { SpeakerInvitation } from '@rostrum/contracts';
import { isBlank } from '@rostrum/contracts/text';
import { IconTrash } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import type { Api } from '../../lib/api.ts';
import { notifyProblem } from '../../lib/notify.ts';
import classes from './editor.module.css';

const ROLES = ['panelist', 'moderator'] as const;

/** Who is invited to speak or to moderate, each by a mail with a link of their own. */
export function InvitationsField({ api, webinarId }: { readonly api: Api; readonly webinarId: string }) {
  const t = useTranslations('plan.invitations');
  const locale = useLocale();
  const [invited, setInvited] = useState<readonly SpeakerInvitation[]>([]);
  const [role, setRole] = useState<(typeof ROLES)[number]>('panelist');
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const [refused, setRefused] = useState<'name' | 'address' | null>(null);
  const [busy, setBusy] = useState(false);
  const load = useCallback(async () => {
    const result = await api.listInvitations(webinarId);
    if (result.ok) setInvited(result.value);
    else notifyProblem(result.error.code);
  }, [api, webinarId]);
  useEffect(() => {
    void load();
  }, [load]);

  const invite = async (): Promise<void> => {
    if (isBlank(name)) {
      setRefused('name');
      return;
    }
    setBusy(true);
    const result = await api.inviteSpeaker(webinarId, { role, name, address, locale });
    setBusy(false);
    if (!result.ok) {
      const { field, code } = result.error;
      if (field === 'name' || field === 'address') setRefused(field);
      else notifyProblem(code);
      return;
    }
    setRefused(null);
    setName('');
    setAddress('');
    await load();
  };
  const takeBack = async (linkId: string): Promise<void> => {
    const result = await api.revokeInvitation(webinarId, linkId);
    if (!result.ok) notifyProblem(result.error.code);
    await load();
  };
  return (
    <>
      {invited.length === 0 ? (
        <p className={classes.note}>{t('none')}</p>
      ) : (
        <ul className={classes.invited} aria-label={t('label')}>
          {invited.map((one) => (
            <li key={one.linkId} data-state={one.state}>
              <span>
                <strong>
                  <bdi>{one.name}</bdi>
                </strong>
                <span className={classes.what}>
                  {t(`roles.${one.role}`)} · <bdi>{one.address}</bdi> · {t(`states.${one.state}`)}
                </span>
              </span>
              {one.state === 'good' ? (
                <ActionIcon
                  variant="subtle"
                  color="plain"
                  size={40}
                  aria-label={t('takeBack', { name: one.name })}
                  onClick={() => void takeBack(one.linkId)}
                >
                  <IconTrash size={18} aria-hidden />
                </ActionIcon>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      <form
        className={classes.invite}
        onSubmit={(event) => {
          event.preventDefault();
          void invite();
        }}
      >
        <TextInput
          label={t('name')}
          maxLength={80}
          value={name}
          error={refused === 'name' ? t('nameMissing') : null}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t('address')}
          type="email"
          maxLength={254}
          value={address}
          error={refused === 'address' ? t('addressForm') : null}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('role')}
          data={ROLES.map((value) => ({ value, label: t(`roles.${value}`) }))}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as (typeof ROLES)[number])}
        />
        <Button type="submit" variant="default" loading={busy}>
          {t('send')}
        </Button>
      </form>
    </>
  );
}
