'use client';

import { Anchor, Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { accountApi } from '../../lib/account-api.ts';
import { nextPage } from '../../lib/next-page.ts';
import { FormPage } from './form-page.tsx';

/** Signing in, and what to do without the password. */
export function SignInPage() {
  const t = useTranslations('account');
  const [forgot, setForgot] = useState<'no' | 'asked' | 'sent'>('no');
  if (forgot !== 'no') {
    return (
      <FormPage
        title={t('forgot.title')}
        hint={forgot === 'sent' ? t('forgot.sent') : t('forgot.hint')}
        submit={t('forgot.submit')}
        onSubmit={async (field) => {
          const result = await accountApi.askForReset(field('email'));
          if (!result.ok) return { code: result.error.code };
          setForgot('sent');
          return { code: 'sent', words: t('forgot.sent') };
        }}
        below={
          <Button variant="subtle" onClick={() => setForgot('no')}>
            {t('forgot.back')}
          </Button>
        }
      >
        <TextInput name="email" type="email" label={t('email')} autoComplete="username" required />
      </FormPage>
    );
  }
  return (
    <FormPage
      title={t('signIn.title')}
      submit={t('signIn.submit')}
      onSubmit={async (field) => {
        const result = await accountApi.signIn(field('email'), field('password'));
        if (!result.ok) {
          const { code } = result.error;
          if (code === 'unauthenticated') return { code, words: t('signIn.wrong') };
          return { code, ...(code === 'rate-limited' ? { words: t('signIn.tooMany') } : {}) };
        }
        window.location.replace(nextPage(window.location.search));
        return null;
      }}
      below={
        <Anchor component="button" type="button" onClick={() => setForgot('asked')}>
          {t('signIn.forgot')}
        </Anchor>
      }
    >
      <TextInput name="email" type="email" label={t('email')} autoComplete="username" required />
      <PasswordInput name="password" label={t('password')} autoComplete="current-password" required />
    </FormPage>
  );
}
