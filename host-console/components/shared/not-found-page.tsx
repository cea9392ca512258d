'use client';

import { useTranslations } from 'use-intl';
import { MessagePage } from './problem-page.tsx';

export function NotFoundPage() {
  const t = useTranslations('shared.notFound');
  return (
    <MessagePage title={t('title')}>
      <p>{t('hint')}</p>
    </MessagePage>
  );
}
