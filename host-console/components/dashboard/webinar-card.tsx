'use client';

import { ActionIcon, Button, Menu } from '@mantine/core';
import type { WebinarSummary } from '@rostrum/contracts';
import {
  IconCopy,
  IconDots,
  IconExternalLink,
  IconLink,
  IconTrash,
  IconUsers,
  IconUsersPlus,
} from '@tabler/icons-react';
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
  editHref,
  onLinks,
  onDuplicate,
  onCancel,
  onDelete,
}: {
  readonly api: Api;
  readonly token: string;
  readonly webinar: WebinarSummary;
  readonly editHref: string;
  readonly onLinks: () => void;
  readonly onDuplicate?: (() => void) | undefined;
  readonly onCancel: () => void;
  readonly onDelete: () => void;
}) {
  const report = useTranslations('report');
  const registrations = useTranslations('registrations');
  const t = useTranslations('plan.card');
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

  /** A private one's pages open by a link of one's own. */
  const opens = (page: string) =>
    access === 'private'
      ? { onClick: () => void openAsHost(page) }
      : ({ component: 'a', href: page, target: '_blank', rel: 'noreferrer' } as const);

  return (
    <article className={classes.card} data-phase={phase} aria-label={title}>
      <div>
        <h2>
          <bdi>{title}</bdi>
        </h2>
        <div className={classes.facts}>
          <span className={classes.phase} data-phase={phase}>
            {webinar.visibility === 'draft' && phase === 'scheduled' ? t('draft') : PHASE_WORDS[phase]}
          </span>
          <span>{startsAtUnixMs === null ? 'No time set' : formatMoment(startsAtUnixMs, undefined)}</span>
          <span>{PROFILE_WORDS[profile].label} latency</span>
          {access === 'private' && <span>Only by link</span>}
          {phase === 'ended' && recording !== 'ready' ? <span>{recordingWords(webinar)}</span> : null}
        </div>
        {unattended ? <Unattended {...unattended} /> : null}
      </div>
      <div className={classes.buttons}>
        {phase === 'ended' ? (
          watchUrl && recording === 'ready' ? (
            <Button variant="default" {...opens(watchUrl)}>
              {t('recording')}
            </Button>
          ) : null
        ) : (
          <>
            <Button variant="default" component="a" href={editHref}>
              {t('edit')}
            </Button>
            <Button loading={opening} onClick={() => void openAsHost('/control')}>
              {t('control')}
            </Button>
          </>
        )}
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="subtle" color="plain" size={40} aria-label={t('acts', { title })}>
              <IconDots size={20} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {phase === 'ended' ? (
              <Menu.Item
                component="a"
                href={withToken(`/webinars/${webinarId}/report`, token)}
                leftSection={<IconUsers size={16} aria-hidden />}
              >
                {report('title')}
              </Menu.Item>
            ) : null}
            <Menu.Item
              component="a"
              href={withToken(`/webinars/${webinarId}/registrations`, token)}
              leftSection={<IconUsersPlus size={16} aria-hidden />}
            >
              {registrations('title')}
            </Menu.Item>
            {phase === 'ended' && !(access === 'private' && recording === 'ready') ? null : (
              <Menu.Item leftSection={<IconLink size={16} aria-hidden />} onClick={onLinks}>
                {t('links')}
              </Menu.Item>
            )}
            {watchUrl && phase !== 'ended' ? (
              <Menu.Item leftSection={<IconExternalLink size={16} aria-hidden />} {...opens(watchUrl)}>
                {t('watch')}
              </Menu.Item>
            ) : null}
            {onDuplicate ? (
              <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={onDuplicate}>
                {t('duplicate')}
              </Menu.Item>
            ) : null}
            {phase === 'ended' && (recording === 'ready' || recording === 'pending') ? (
              <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={onDelete}>
                {t('deleteRecording')}
              </Menu.Item>
            ) : null}
            {phase !== 'live' && recording !== 'ready' && recording !== 'pending' ? (
              <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={onCancel}>
                {phase === 'scheduled' ? t('cancel') : t('remove')}
              </Menu.Item>
            ) : null}
          </Menu.Dropdown>
        </Menu>
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
