'use client';

import { Alert, Button, CopyButton, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import classes from './developers.module.css';

/** A secret, told this once. */
export function Secret({ label, value }: { readonly label: string; readonly value: string }) {
  const t = useTranslations('developers');
  return (
    <Alert color="good" title={t('secret.once')}>
      <div className={classes.secret}>
        <TextInput
          label={label}
          value={value}
          readOnly
          onFocus={(event) => event.currentTarget.select()}
          data-autofocus
        />
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button
              variant={copied ? 'light' : 'default'}
              leftSection={copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
              onClick={copy}
            >
              {copied ? t('secret.copied') : t('secret.copy')}
            </Button>
          )}
        </CopyButton>
      </div>
    </Alert>
  );
}
