'use client';

import { Button, Modal, Skeleton } from '@mantine/core';
import type { Webhook } from '@rostrum/contracts';
import { IconPlus } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { RostrumClient } from '../../api-client/client.ts';
import { codeOf } from '../../lib/developers.ts';
import { wording } from '../../lib/messages.ts';
import { notifyDone, notifyProblem } from '../../lib/notify.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import { Deliveries } from './deliveries.tsx';
import classes from './developers.module.css';
import { Secret } from './secret.tsx';
import { useList } from './use-list.ts';
import { WebhookForm } from './webhook-form.tsx';

type Open =
  | { readonly is: 'making' }
  | { readonly is: 'deliveries'; readonly of: Webhook }
  | { readonly is: 'secret'; readonly secret: string }
  | { readonly is: 'removing'; readonly of: Webhook };

/** Addresses that are told what happens. */
export function Webhooks({ client }: { readonly client: RostrumClient }) {
  const t = useTranslations('developers');
  const [list, reload] = useList(
    useCallback(async () => (await client.listWebhooks()).value.webhooks as readonly Webhook[], [client]),
  );
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  const act = async (work: () => Promise<unknown>, done: string | null): Promise<void> => {
    try {
      await work();
      if (done !== null) notifyDone(done);
    } catch (error) {
      notifyProblem(codeOf(error));
    }
    await reload();
  };
  return (
    <section className={classes.card} aria-labelledby="webhooks" aria-busy={list.is === 'loading'}>
      <div className={classes.head}>
        <h2 id="webhooks">{t('webhooks.title')}</h2>
        <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setOpen({ is: 'making' })}>
          {t('webhooks.make')}
        </Button>
      </div>
      <p className={classes.hint}>{t('webhooks.hint')}</p>
      {list.is === 'loading' ? <Skeleton height={96} radius="md" /> : null}
      {list.is === 'failed' ? (
        <p role="alert" className={classes.empty}>
          {wording(list.code).title}
        </p>
      ) : null}
      {list.is === 'loaded' && list.items.length === 0 ? (
        <p className={classes.empty}>{t('webhooks.none')}</p>
      ) : null}
      {list.is === 'loaded' && list.items.length > 0 ? (
        <ul className={classes.list}>
          {list.items.map((webhook) => (
            <WebhookItem
              key={webhook.webhookId}
              webhook={webhook}
              onOpen={setOpen}
              onTest={() => act(() => client.testWebhook(webhook.webhookId), t('webhooks.tested'))}
              onTurn={() =>
                act(() => client.changeWebhook(webhook.webhookId, { enabled: !webhook.enabled }), null)
              }
              onRotate={() =>
                act(async () => {
                  const { value } = await client.rotateWebhookSecret(webhook.webhookId);
                  setOpen({ is: 'secret', secret: value.secret });
                }, null)
              }
            />
          ))}
        </ul>
      ) : null}
      <Modal opened={open?.is === 'making'} onClose={close} title={t('webhooks.make')} size="lg">
        <WebhookForm client={client} onMade={reload} onClose={close} />
      </Modal>
      <Modal opened={open?.is === 'secret'} onClose={close} title={t('webhooks.rotate')} size="lg">
        {open?.is === 'secret' ? <Secret label={t('webhooks.secret')} value={open.secret} /> : null}
        <p className={classes.hint}>{t('webhooks.rotated')}</p>
      </Modal>
      <Modal opened={open?.is === 'deliveries'} onClose={close} title={t('webhooks.deliveries')} size="lg">
        {open?.is === 'deliveries' ? <Deliveries client={client} webhookId={open.of.webhookId} /> : null}
      </Modal>
      <ConfirmDialog
        opened={open?.is === 'removing'}
        title={t('webhooks.removeTitle')}
        text={open?.is === 'removing' ? t('webhooks.removeText', { url: open.of.url }) : ''}
        no={t('keep')}
        yes={t('webhooks.remove')}
        onNo={close}
        onYes={() => {
          if (open?.is === 'removing')
            void act(() => client.deleteWebhook(open.of.webhookId), null).then(close);
        }}
      />
    </section>
  );
}

function WebhookItem({
  webhook,
  onOpen,
  onTest,
  onTurn,
  onRotate,
}: {
  readonly webhook: Webhook;
  readonly onOpen: (open: Open) => void;
  readonly onTest: () => Promise<void>;
  readonly onTurn: () => Promise<void>;
  readonly onRotate: () => Promise<void>;
}) {
  const t = useTranslations('developers');
  const format = useFormatter();
  const { enabled, disabledFor, failingSinceUnixMs } = webhook;
  const since =
    failingSinceUnixMs === null ? '' : format.dateTime(failingSinceUnixMs, { dateStyle: 'medium' });
  return (
    <li className={classes.item} data-off={!enabled || undefined}>
      <div className={classes.about}>
        <span className={classes.name}>{webhook.url}</span>
        {webhook.description === '' ? null : (
          <p className={classes.meta}>
            <bdi>{webhook.description}</bdi>
          </p>
        )}
        <p className={classes.meta}>{webhook.events.join(', ')}</p>
        {disabledFor === null ? null : (
          <p role="status" className={`${classes.meta} ${classes.bad}`}>
            {t(`webhooks.off.${disabledFor}`)}
          </p>
        )}
        {!enabled && disabledFor === null ? <p className={classes.meta}>{t('webhooks.off.byHand')}</p> : null}
        {enabled && failingSinceUnixMs !== null ? (
          <p role="status" className={`${classes.meta} ${classes.bad}`}>
            {t('webhooks.failing', { since })}
          </p>
        ) : null}
      </div>
      <div className={classes.buttons}>
        <Button size="xs" variant="default" onClick={() => onOpen({ is: 'deliveries', of: webhook })}>
          {t('webhooks.deliveries')}
        </Button>
        {enabled ? (
          <Button size="xs" variant="default" onClick={() => void onTest()}>
            {t('webhooks.test')}
          </Button>
        ) : null}
        <Button size="xs" variant="default" onClick={() => void onTurn()}>
          {enabled ? t('webhooks.turnOff') : t('webhooks.turnOn')}
        </Button>
        <Button size="xs" variant="default" onClick={() => void onRotate()}>
          {t('webhooks.rotate')}
        </Button>
        <Button
          size="xs"
          variant="outline"
          color="air"
          onClick={() => onOpen({ is: 'removing', of: webhook })}
        >
          {t('webhooks.remove')}
        </Button>
      </div>
    </li>
  );
}
