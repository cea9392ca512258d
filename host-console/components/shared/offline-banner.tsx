'use client';

import { IconWifiOff } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { useTranslations } from 'use-intl';
import classes from './banner.module.css';

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
};

/** Stands over the page while the browser has no network. */
export function OfflineBanner() {
  const online = useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  );
  const t = useTranslations('shared.offline');
  return (
    <div role="status" aria-live="polite">
      {online ? null : (
        <div className={classes.banner}>
          <IconWifiOff size={18} aria-hidden />
          <strong>{t('title')}.</strong> <span>{t('hint')}</span>
        </div>
      )}
    </div>
  );
}
