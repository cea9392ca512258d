'use client';

import type { WebinarView } from '@rostrum/contracts';
import { isolate } from '@rostrum/contracts/lines';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';

/** Reads out what others write while the chat is closed; an open one reads itself out. What was there at first is not news. */
export function ChatNews({ view, open }: { readonly view: WebinarView; readonly open: boolean }) {
  const t = useTranslations('backstage.chat');
  const newest = view.backstage?.messages.at(-1) ?? null;
  const known = useRef(newest?.saidUnixMs ?? 0);
  const [news, setNews] = useState('');
  const selfId = view.self.personId;
  useEffect(() => {
    if (!newest || newest.saidUnixMs <= known.current) return;
    known.current = newest.saidUnixMs;
    if (open || newest.personId === selfId) return;
    setNews(t('news', { name: isolate(newest.name), text: isolate(newest.text) }));
  }, [newest, open, selfId, t]);
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {open ? '' : news}
    </div>
  );
}
