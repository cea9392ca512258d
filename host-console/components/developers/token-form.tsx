'use client';

import { Button, Checkbox, Select, Stack, TextInput } from '@mantine/core';
import type { ApiScope } from '@rostrum/contracts';
import { API_SCOPES } from '@rostrum/contracts/api-scopes';
import { isBlank } from '@rostrum/contracts/text';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { codeOf, type DevelopersApi } from '../../lib/developers.ts';
import { notifyProblem } from '../../lib/notify.ts';
import classes from './developers.module.css';
import { Secret } from './secret.tsx';

const VALID = ['month', 'quarter', 'year', 'forever'] as const;
const DAYS = { month: 30, quarter: 90, year: 365, forever: null } as const;
type Missing = 'name' | 'scopes';

/** Makes a token and tells its secret. */
export function TokenForm({
  api,
  onMade,
  onClose,
}: {
  readonly api: DevelopersApi;
  readonly onMade: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const t = useTranslations('developers');
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>([]);
  const [valid, setValid] = useState<(typeof VALID)[number]>('quarter');
  const [missing, setMissing] = useState<Missing | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [working, setWorking] = useState(false);
  const make = async (): Promise<void> => {
    const lacks = isBlank(name) ? 'name' : scopes.length === 0 ? 'scopes' : null;
    setMissing(lacks);
    if (lacks) return;
    setWorking(true);
    try {
      const made = await api.makeToken(name.trim(), scopes as ApiScope[], DAYS[valid]);
      setSecret(made.secret);
      await onMade();
    } catch (error) {
      notifyProblem(codeOf(error));
    }
    setWorking(false);
  };
  if (secret !== null) {
    return (
      <Stack>
        <Secret label={t('tokens.secret')} value={secret} />
        <div className={classes.answers}>
          <Button onClick={onClose}>{t('done')}</Button>
        </div>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <Stack>
        <TextInput
          label={t('tokens.name')}
          description={t('tokens.nameHint')}
          value={name}
          maxLength={80}
          onChange={(event) => setName(event.currentTarget.value)}
          error={missing === 'name' ? t('tokens.nameMissing') : null}
          data-autofocus
        />
        <Checkbox.Group
          label={t('tokens.scopes')}
          value={scopes}
          onChange={setScopes}
          error={missing === 'scopes' ? t('tokens.scopesMissing') : null}
        >
          <div className={classes.choices}>
            {API_SCOPES.map((scope) => (
              <Checkbox key={scope} value={scope} label={t(`scopes.${scope}`)} />
            ))}
          </div>
        </Checkbox.Group>
        <Select
          label={t('tokens.valid')}
          data={VALID.map((value) => ({ value, label: t(`tokens.days.${value}`) }))}
          value={valid}
          onChange={(value) => setValid(VALID.find((one) => one === value) ?? 'quarter')}
          allowDeselect={false}
        />
        <div className={classes.answers}>
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={working}>
            {t('tokens.make')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
