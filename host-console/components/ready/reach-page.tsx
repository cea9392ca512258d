'use client';

import { useTranslations } from 'use-intl';
import { useRoomState, useSession } from '../../lib/use-room.ts';
import { useToken } from '../../lib/use-token.ts';
import { PageLoading } from '../shared/page-loading.tsx';
import { MessagePage, ProblemPage } from '../shared/problem-page.tsx';
import { ReachCheck } from './reach-check.tsx';

/** On a phone, from a network that is not the installation's: does the stage let it in? */
export function ReachPage() {
  const token = useToken();
  const session = useSession(token);
  if (token === null) return <ProblemPage code="no-token" />;
  if (!session) return <Trying />;
  return <Reaching room={session.room} />;
}

function Trying() {
  const t = useTranslations('ready.reach');
  return <PageLoading label={t('trying')} />;
}

function Reaching({ room }: { readonly room: NonNullable<ReturnType<typeof useSession>>['room'] }) {
  const t = useTranslations('ready.reach');
  const { connection } = useRoomState(room);
  if (typeof connection === 'object') return <ProblemPage code={connection.refused} />;
  if (connection !== 'connected') return <Trying />;
  return (
    <MessagePage title={t('title')}>
      <p>{t('hint')}</p>
      <ReachCheck room={room} />
    </MessagePage>
  );
}
