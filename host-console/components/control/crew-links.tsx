'use client';

import { ActionIcon, Tooltip } from '@mantine/core';
import type { WebinarSummary } from '@rostrum/contracts';
import { IconClipboardCheck, IconUserPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { createApi } from '../../lib/api.ts';
import { notifyProblem } from '../../lib/notify.ts';
import { LinksDialog } from '../dashboard/links-dialog.tsx';

/** The host invites people from the control room too, by the API their own link opens, and asks whether all is ready. */
export function CrewLinks({ token, webinarId }: { readonly token: string; readonly webinarId: string }) {
  const t = useTranslations('ready');
  const api = useMemo(() => createApi(token), [token]);
  const [webinar, setWebinar] = useState<WebinarSummary | null>(null);
  const [loading, setLoading] = useState(false);

  const open = async (): Promise<void> => {
    setLoading(true);
    const result = await api.getWebinar(webinarId);
    setLoading(false);
    if (result.ok) setWebinar(result.value);
    else notifyProblem(result.error.code);
  };

  return (
    <>
      <Tooltip label={t('title')}>
        <ActionIcon
          component="a"
          href={`/ready#t=${token}`}
          target="_blank"
          rel="noreferrer"
          variant="subtle"
          color="plain"
          size="lg"
          aria-label={t('title')}
        >
          <IconClipboardCheck size={20} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Links and invitations">
        <ActionIcon
          variant="subtle"
          color="plain"
          size="lg"
          loading={loading}
          aria-label="Links and invitations"
          onClick={() => void open()}
        >
          <IconUserPlus size={20} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <LinksDialog api={api} webinar={webinar} onClose={() => setWebinar(null)} />
    </>
  );
}
