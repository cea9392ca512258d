'use client';

import { Anchor, PasswordInput, TextInput } from '@mantine/core';
import type { OpenInvitation } from '@rostrum/contracts';
import { useEffect, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { accountApi } from '../../lib/account-api.ts';
import { useToken } from '../../lib/use-token.ts';
import { PageLoading } from '../shared/page-loading.tsx';
import { MessagePage, ProblemPage } from '../shared/problem-page.tsx';
import { FormPage } from './form-page.tsx';

function NewPassword() {
  const t = useTranslations('account');
  return (
    <PasswordInput
      name="password"
      label={t('password')}
      description={t('passwordHint')}
      autoComplete="new-password"
      required
      minLength={12}
      maxLength={256}
    />
  );
}

/** By the link of an invitation: who one will be, and the account. */
export function InvitationPage() {
  const t = useTranslations('account');
  const locale = useLocale();
  const token = useToken();
  const [look, setLook] = useState<OpenInvitation | 'dead' | 'failed' | null>(null);
  useEffect(() => {
    if (!token) return;
    void accountApi.lookAtInvitation(token).then((result) => {
      if (result.ok) setLook(result.value);
      else setLook(['not-found', 'bad-input'].includes(result.error.code) ? 'dead' : 'failed');
    });
  }, [token]);
  if (token === null || look === 'dead') {
    return (
      <MessagePage title={t('invitation.title')}>
        <p>{t('invitation.dead')}</p>
        <Anchor href="/signin">{t('signIn.title')}</Anchor>
      </MessagePage>
    );
  }
  if (look === 'failed') return <ProblemPage code="unavailable" />;
  if (!token || look === null) return <PageLoading label={t('working')} />;
  const { inviter, email, role } = look;
  return (
    <FormPage
      title={t('invitation.title')}
      hint={t('invitation.hint', { inviter, email, role: t(`roles.${role}`) })}
      submit={t('invitation.submit')}
      onSubmit={async (field) => {
        const result = await accountApi.accept(token, field('name'), field('password'), locale);
        if (!result.ok) {
          const { code } = result.error;
          return { code, ...(code === 'not-found' ? { words: t('invitation.dead') } : {}) };
        }
        window.location.replace('/');
        return null;
      }}
    >
      <TextInput name="name" label={t('name')} autoComplete="name" required maxLength={60} />
      <TextInput
        name="email"
        type="email"
        label={t('email')}
        value={email}
        readOnly
        autoComplete="username"
      />
      <NewPassword />
    </FormPage>
  );
}

/** By the link that was mailed to who forgot their password. */
export function ResetPage() {
  const t = useTranslations('account');
  const token = useToken();
  if (token === undefined) return <PageLoading label={t('working')} />;
  if (token === null) {
    return (
      <MessagePage title={t('reset.title')}>
        <p>{t('reset.dead')}</p>
        <Anchor href="/signin">{t('signIn.title')}</Anchor>
      </MessagePage>
    );
  }
  return (
    <FormPage
      title={t('reset.title')}
      hint={t('reset.hint')}
      submit={t('reset.submit')}
      onSubmit={async (field) => {
        const result = await accountApi.reset(token, field('password'));
        if (!result.ok) {
          const { code } = result.error;
          return { code, ...(code === 'not-found' ? { words: t('reset.dead') } : {}) };
        }
        window.location.replace('/');
        return null;
      }}
    >
      <NewPassword />
    </FormPage>
  );
}
