'use client';

import { Button, Checkbox, Stack, TextInput } from '@mantine/core';
import type { WebhookEvent } from '@rostrum/contracts';
import { WEBHOOK_EVENTS } from '@rostrum/contracts/api-scopes';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem, type RostrumClient } from '../../api-client/client.ts';
import { codeOf } from '../../lib/developers.ts';
import { notifyProblem } from '../../lib/notify.ts';
import classes from './developers.module.css';
import { Secret } from './secret.tsx';

type Wrong = 'url' | 'events';

/** Adds an address that is told what happens, and tells its secret. */
export function WebhookForm({
  client,
  onMade,
  onClose,
}: {
  readonly client: RostrumClient;
  readonly onMade: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const t = useTranslations('developers');
  const [url, setUrl] = useState('');
  const [description, setDescription] = useState('');
  const [events, setEvents] = useState<string[]>([...WEBHOOK_EVENTS]);
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [working, setWorking] = useState(false);
  const make = async (): Promise<void> => {
    const found = !URL.canParse(url.trim()) ? 'url' : events.length === 0 ? 'events' : null;
    setWrong(found);
    if (found) return;
    setWorking(true);
    try {
      const asked = { url: url.trim(), description: description.trim(), events: events as WebhookEvent[] };
      const { value } = await client.createWebhook(asked);
      setSecret(value.secret);
      await onMade();
    } catch (error) {
      if (error instanceof ApiProblem && error.field === 'url') setWrong('url');
      else notifyProblem(codeOf(error));
    }
    setWorking(false);
  };
  if (secret !== null) {
    return (
      <Stack>
        <Secret label={t('webhooks.secret')} value={secret} />
        <div className={classes.answers}>
          <Button onClick={onClose}>{t('done')}</Button>
        </div>
      </Stack>
    );
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <Stack>
        <TextInput
          type="url"
          label={t('webhooks.url')}
          placeholder="https://"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={wrong === 'url' ? t('webhooks.urlWrong') : null}
          data-autofocus
        />
        <TextInput
          label={t('webhooks.description')}
          value={description}
          maxLength={120}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Checkbox.Group
          label={t('webhooks.events')}
          value={events}
          onChange={setEvents}
          error={wrong === 'events' ? t('webhooks.eventsMissing') : null}
        >
          <div className={classes.choices}>
            {WEBHOOK_EVENTS.map((event) => (
              <Checkbox key={event} value={event} label={event} />
            ))}
          </div>
        </Checkbox.Group>
        <div className={classes.answers}>
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={working}>
            {t('webhooks.make')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
