'use client';

import { useTranslations } from 'use-intl';
import classes from './unread-badge.module.css';

/** How many messages one has not read; nothing where there is none. */
export function UnreadBadge({ count }: { readonly count: number }) {
  const t = useTranslations('backstage.chat');
  if (count === 0) return null;
  return (
    <>
      <span className={classes.badge} aria-hidden>
        {count > 99 ? '99+' : count}
      </span>
      <span className="visually-hidden">{t('unread', { count })}</span>
    </>
  );
}
