'use client';

import { Button } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { MessagePage } from '../components/shared/problem-page.tsx';

/** What stands in the place of a page that broke while drawing. The show itself runs on. */
export default function PageError({ reset }: { readonly reset: () => void }) {
  const t = useTranslations('shared.stumbled');
  return (
    <MessagePage title={t('title')}>
      <p>{t('hint')}</p>
      <Button onClick={reset}>{t('again')}</Button>
    </MessagePage>
  );
}
