'use client';

import { Anchor, PasswordInput, TextInput } from '@mantine/core';
import { useLocale, useTranslations } from 'use-intl';
import { accountApi } from '../../lib/account-api.ts';
import { withToken } from '../../lib/fragment.ts';
import { useToken } from '../../lib/use-token.ts';
import { PageLoading } from '../shared/page-loading.tsx';
import { MessagePage } from '../shared/problem-page.tsx';
import { FormPage } from './form-page.tsx';

/** The owner's account, by the link of the first start. */
export function SetupPage() {
  const t = useTranslations('account');
  const locale = useLocale();
  const token = useToken();
  if (token === undefined) return <PageLoading label={t('working')} />;
  if (token === null) {
    return (
      <MessagePage title={t('setup.title')}>
        <p>{t('setup.noLink')}</p>
        <Anchor href="/signin">{t('signIn.title')}</Anchor>
      </MessagePage>
    );
  }
  return (
    <FormPage
      title={t('setup.title')}
      hint={t('setup.hint')}
      submit={t('setup.submit')}
      onSubmit={async (field) => {
        const result = await accountApi.setUp(token, {
          ...{ name: field('name'), email: field('email'), password: field('password'), locale },
        });
        if (!result.ok) {
          const { code } = result.error;
          return { code, ...(code === 'unauthenticated' ? { words: t('setup.used') } : {}) };
        }
        window.location.replace('/');
        return null;
      }}
      below={<Anchor href={withToken('/', token)}>{t('setup.later')}</Anchor>}
    >
      <TextInput name="name" label={t('name')} autoComplete="name" required maxLength={60} />
      <TextInput name="email" type="email" label={t('email')} autoComplete="username" required />
      <PasswordInput
        name="password"
        label={t('password')}
        description={t('passwordHint')}
        autoComplete="new-password"
        required
        minLength={12}
        maxLength={256}
      />
    </FormPage>
  );
}
