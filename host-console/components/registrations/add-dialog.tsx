'use client';

import { Button, Checkbox, Modal, SegmentedControl, TextInput } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import type { Api } from '../../lib/api.ts';
import { notifyDone, notifyProblem } from '../../lib/notify.ts';
import classes from './registrations.module.css';

const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
] as const;

/** Somebody whom the crew brings. */
export function AddDialog({
  api,
  webinarId,
  opened,
  onClose,
  onAdded,
}: {
  readonly api: Api;
  readonly webinarId: string;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onAdded: () => Promise<void>;
}) {
  const t = useTranslations('registrations');
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const [locale, setLocale] = useState<'en' | 'de'>(useLocale());
  const [mail, setMail] = useState(true);
  const [working, setWorking] = useState(false);

  const add = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setWorking(true);
    const result = await api.addRegistration(webinarId, { name, address, locale, mail });
    setWorking(false);
    if (!result.ok) {
      notifyProblem(result.error.code);
      return;
    }
    notifyDone(t(result.value.outcome));
    setName('');
    setAddress('');
    onClose();
    await onAdded();
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('add')}
      closeButtonProps={{ 'aria-label': t('cancel') }}
    >
      <form className={classes.form} onSubmit={(event) => void add(event)}>
        <TextInput
          label={t('name')}
          value={name}
          required
          maxLength={60}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t('email')}
          type="email"
          value={address}
          required
          maxLength={254}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <div>
          <span className={classes.label} id="registrant-language">
            {t('language')}
          </span>
          <SegmentedControl
            aria-labelledby="registrant-language"
            value={locale}
            data={[...LANGUAGES]}
            onChange={(value) => setLocale(value as 'en' | 'de')}
          />
        </div>
        <Checkbox
          label={t('mail')}
          checked={mail}
          onChange={(event) => setMail(event.currentTarget.checked)}
        />
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={working}>
            {t('add')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
