'use client';

import { Button } from '@mantine/core';
import type { WebinarSummary } from '@rostrum/contracts';
import { IconExternalLink, IconLink, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Api } from '../../lib/api.ts';
import { withToken } from '../../lib/fragment.ts';
import { hostTokenOf } from '../../lib/host-token.ts';
import { notifyProblem } from '../../lib/notify.ts';
import { recordingWords } from '../../lib/recording-words.ts';
import { formatAge, formatMoment } from '../../lib/time.ts';
import { useNow } from '../../lib/use-now.ts';
import { PROFILE_WORDS } from '../../lib/webinars.ts';
import classes from './dashboard.module.css';

const PHASE_WORDS: Record<WebinarSummary['phase'], string> = {
  scheduled: 'Planned',
  live: 'Live',
  ended: 'Ended',
};

/** In the place of a card that could not be drawn. */
export function BrokenCard({ webinarId }: { readonly webinarId: string }) {
  return (
    <article className={classes.card} data-phase="ended">
      <div>
        <h2>This webinar cannot be shown</h2>
        <div className={classes.facts}>
          <span>{webinarId}</span>
          <span>What is stored of it could not be drawn; the others are not affected.</span>
        </div>
      </div>
    </article>
  );
}

/** One webinar with its state and the ways into it. */
export function WebinarCard({
  api,
  token,
  webinar,
  onLinks,
  onCancel,
  onDelete,
}: {
  readonly api: Api;
  readonly token: string;
  readonly webinar: WebinarSummary;
  readonly onLinks: () => void;
  readonly onCancel: () => void;
  readonly onDelete: () => void;
}) {
  const t = useTranslations('report');
  const [opening, setOpening] = useState(false);
  const { webinarId, title, phase, recording, startsAtUnixMs, profile, access, watchUrl, unattended } =
    webinar;

  const openAsHost = async (page: string): Promise<void> => {
    setOpening(true);
    const result = await hostTokenOf(api, webinarId);
    if (result.ok) {
      window.location.assign(withToken(page, result.value));
    } else {
      setOpening(false);
      notifyProblem(result.error.code);
    }
  };

  return (
    <article className={classes.card} data-phase={phase} aria-label={title}>
      <div>
        <h2>
          <bdi>{title}</bdi>
        </h2>
        <div className={classes.facts}>
          <span className={classes.phase} data-phase={phase}>
            {PHASE_WORDS[phase]}
          </span>
          <span>{startsAtUnixMs === null ? 'No time set' : formatMoment(startsAtUnixMs, undefined)}</span>
          <span>{PROFILE_WORDS[profile].label} latency</span>
          {access === 'private' && <span>Only by link</span>}
          {phase === 'ended' && recording !== 'ready' ? <span>{recordingWords(webinar)}</span> : null}
        </div>
        {unattended ? <Unattended {...unattended} /> : null}
      </div>
      <div className={classes.buttons}>
        {phase === 'ended' && (recording === 'ready' || recording === 'pending') ? (
          <Button variant="subtle" color="plain" onClick={onDelete}>
            Delete recording
          </Button>
        ) : null}
        {phase !== 'live' && recording !== 'ready' && recording !== 'pending' ? (
          <Button variant="subtle" color="plain" onClick={onCancel}>
            {phase === 'scheduled' ? 'Cancel' : 'Remove'}
          </Button>
        ) : null}
        {phase === 'ended' ? (
          <Button
            component="a"
            href={withToken(`/webinars/${webinarId}/report`, token)}
            variant="default"
            leftSection={<IconUsers size={18} aria-hidden />}
          >
            {t('title')}
          </Button>
        ) : null}
        {phase === 'ended' && !(access === 'private' && recording === 'ready') ? null : (
          <Button variant="default" leftSection={<IconLink size={18} aria-hidden />} onClick={onLinks}>
            Links
          </Button>
        )}
        {watchUrl && (phase !== 'ended' || recording === 'ready') ? (
          <Button
            {...(access === 'private'
              ? { onClick: () => void openAsHost(watchUrl) }
              : { component: 'a', href: watchUrl, target: '_blank', rel: 'noreferrer' })}
            variant="default"
            leftSection={<IconExternalLink size={18} aria-hidden />}
          >
            {phase === 'ended' ? 'Recording' : 'Watch page'}
          </Button>
        ) : null}
        {phase === 'ended' ? null : (
          <Button loading={opening} onClick={() => void openAsHost('/control')}>
            Open control room
          </Button>
        )}
      </div>
    </article>
  );
}

function Unattended({ sinceUnixMs, endsUnixMs }: NonNullable<WebinarSummary['unattended']>) {
  const now = useNow(10_000);
  return (
    <p className={classes.unattended}>
      Nobody has been here for {formatAge(sinceUnixMs, now)}: no host, and nobody on the stage.{' '}
      {endsUnixMs === null
        ? 'Open its control room to end it.'
        : `It ends by itself in ${formatAge(now, Math.max(endsUnixMs, now + 60_000))} unless somebody comes.`}
    </p>
  );
}
