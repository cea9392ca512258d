'use client';

import { Button, Modal, Skeleton } from '@mantine/core';
import type { ApiToken } from '@rostrum/contracts';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { codeOf, type DevelopersApi } from '../../lib/developers.ts';
import { wording } from '../../lib/messages.ts';
import { notifyDone, notifyProblem } from '../../lib/notify.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import classes from './developers.module.css';
import { TokenForm } from './token-form.tsx';
import type { List } from './use-list.ts';

/** The API's tokens: what each may, when it was used, and how it is made and taken back. */
export function Tokens({
  api,
  list,
  reload,
}: {
  readonly api: DevelopersApi;
  readonly list: List<ApiToken>;
  readonly reload: () => Promise<void>;
}) {
  const t = useTranslations('developers');
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  const [working, setWorking] = useState(false);
  const revoke = async (): Promise<void> => {
    if (!revoking) return;
    setWorking(true);
    try {
      await api.revokeToken(revoking.tokenId);
      notifyDone(t('tokens.revoked'));
    } catch (error) {
      notifyProblem(codeOf(error));
    }
    setWorking(false);
    setRevoking(null);
    await reload();
  };
  return (
    <section className={classes.card} aria-labelledby="tokens" aria-busy={list.is === 'loading'}>
      <div className={classes.head}>
        <h2 id="tokens">{t('tokens.title')}</h2>
        <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setMaking(true)}>
          {t('tokens.make')}
        </Button>
      </div>
      <p className={classes.hint}>{t('tokens.hint')}</p>
      {list.is === 'loading' ? <Skeleton height={96} radius="md" /> : null}
      {list.is === 'failed' ? (
        <p role="alert" className={classes.empty}>
          {wording(list.code).title}
        </p>
      ) : null}
      {list.is === 'loaded' && list.items.length === 0 ? (
        <p className={classes.empty}>{t('tokens.none')}</p>
      ) : null}
      {list.is === 'loaded' && list.items.length > 0 ? (
        <ul className={classes.list}>
          {list.items.map((token) => (
            <TokenItem key={token.tokenId} token={token} onRevoke={() => setRevoking(token)} />
          ))}
        </ul>
      ) : null}
      <Modal opened={making} onClose={() => setMaking(false)} title={t('tokens.make')} size="lg">
        <TokenForm api={api} onMade={reload} onClose={() => setMaking(false)} />
      </Modal>
      <ConfirmDialog
        opened={revoking !== null}
        title={t('tokens.revokeTitle', { name: revoking?.name ?? '' })}
        text={t('tokens.revokeText')}
        no={t('keep')}
        yes={t('tokens.revoke')}
        working={working}
        onNo={() => setRevoking(null)}
        onYes={() => void revoke()}
      />
    </section>
  );
}

function TokenItem({ token, onRevoke }: { readonly token: ApiToken; readonly onRevoke: () => void }) {
  const t = useTranslations('developers');
  const format = useFormatter();
  const day = (unixMs: number): string => format.dateTime(unixMs, { dateStyle: 'medium' });
  const { state, expiresUnixMs, lastUsedUnixMs } = token;
  return (
    <li className={classes.item} data-off={state !== 'good' || undefined}>
      <div className={classes.about}>
        <span className={classes.name}>
          <bdi>{token.name}</bdi>
        </span>
        <p className={classes.meta}>
          <code>{token.hint}…</code> · {token.scopes.map((scope) => t(`scopes.${scope}`)).join(', ')}
        </p>
        <p className={classes.meta}>
          {lastUsedUnixMs === null ? t('tokens.unused') : t('tokens.used', { day: day(lastUsedUnixMs) })}
          {' · '}
          {state === 'revoked' ? t('tokens.isRevoked') : null}
          {state === 'expired' ? t('tokens.isExpired') : null}
          {state === 'good' && expiresUnixMs === null ? t('tokens.forever') : null}
          {state === 'good' && expiresUnixMs !== null ? t('tokens.until', { day: day(expiresUnixMs) }) : null}
        </p>
      </div>
      {state === 'good' ? (
        <div className={classes.buttons}>
          <Button
            size="xs"
            variant="outline"
            color="air"
            onClick={onRevoke}
            aria-label={t('tokens.revokeNamed', { name: token.name })}
          >
            {t('tokens.revoke')}
          </Button>
        </div>
      ) : null}
    </li>
  );
}
