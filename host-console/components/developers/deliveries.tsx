'use client';

import { Button, Skeleton } from '@mantine/core';
import type { WebhookDelivery } from '@rostrum/contracts';
import { useCallback, useEffect, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { RostrumClient } from '../../api-client/client.ts';
import { codeOf } from '../../lib/developers.ts';
import { wording } from '../../lib/messages.ts';
import { notifyDone, notifyProblem } from '../../lib/notify.ts';
import classes from './developers.module.css';
import { useList } from './use-list.ts';

const REFRESH_MS = 3000;
const SHOWN = 50;
const DAY_MS = 86_400_000;

/** What one address was told last, what came of it, and how it is told again. */
export function Deliveries({
  client,
  webhookId,
}: {
  readonly client: RostrumClient;
  readonly webhookId: string;
}) {
  const t = useTranslations('developers');
  const format = useFormatter();
  const [list, reload] = useList(
    useCallback(
      async () =>
        (await client.listWebhookDeliveries(webhookId, { limit: SHOWN })).value
          .deliveries as readonly WebhookDelivery[],
      [client, webhookId],
    ),
  );
  const [working, setWorking] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => void reload(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [reload]);
  const replay = async (work: Promise<{ value: { replayed: number } }>): Promise<void> => {
    setWorking(true);
    try {
      notifyDone(t('webhooks.replayed', { count: (await work).value.replayed }));
    } catch (error) {
      notifyProblem(codeOf(error));
    }
    setWorking(false);
    await reload();
  };
  if (list.is === 'loading') return <Skeleton height={160} radius="md" />;
  if (list.is === 'failed') {
    return (
      <p role="alert" className={classes.empty}>
        {wording(list.code).title}
      </p>
    );
  }
  if (list.items.length === 0) return <p className={classes.empty}>{t('webhooks.nothingTold')}</p>;
  return (
    <>
      <div className={classes.buttons}>
        <Button
          size="xs"
          variant="default"
          loading={working}
          onClick={() => void replay(client.replayWebhook(webhookId, { sinceUnixMs: Date.now() - DAY_MS }))}
        >
          {t('webhooks.replayDay')}
        </Button>
      </div>
      <ul className={classes.list}>
        {list.items.map((delivery) => (
          <li key={delivery.messageId} className={classes.item}>
            <div className={classes.about}>
              <span className={classes.name}>{delivery.type}</span>
              <p className={`${classes.meta} ${delivery.state === 'failed' ? classes.bad : ''}`}>
                {t(`webhooks.state.${delivery.state}`)}
                {delivery.outcome === null ? null : ` · ${delivery.outcome}`}
                {` · ${t('webhooks.attempts', { count: delivery.attempts })}`}
              </p>
              <p className={classes.meta}>
                {format.dateTime(delivery.createdUnixMs, { dateStyle: 'medium', timeStyle: 'medium' })}
              </p>
            </div>
            <div className={classes.buttons}>
              <Button
                size="xs"
                variant="default"
                disabled={working || delivery.state === 'waiting'}
                onClick={() => void replay(client.replayWebhookDelivery(webhookId, delivery.messageId))}
              >
                {t('webhooks.replay')}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
