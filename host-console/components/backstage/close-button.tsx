'use client';

import { Button, Modal } from '@mantine/core';
import { IconDoorExit } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useControl } from '../control/context.ts';
import classes from '../control/top-bar.module.css';

/** After the end: the host sends everybody home. */
export function CloseBackstage() {
  const t = useTranslations('backstage.after');
  const { send, busy } = useControl();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        variant="outline"
        size="md"
        loading={busy.has('backstage:close')}
        leftSection={<IconDoorExit size={18} aria-hidden />}
        onClick={() => setAsking(true)}
      >
        {t('close')}
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title={t('closeTitle')}>
        <p className={classes.ask}>{t('closeText')}</p>
        <div className={classes.askButtons}>
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
            {t('stay')}
          </Button>
          <Button
            onClick={() => {
              setAsking(false);
              void send('backstage:close', {});
            }}
          >
            {t('close')}
          </Button>
        </div>
      </Modal>
    </>
  );
}
