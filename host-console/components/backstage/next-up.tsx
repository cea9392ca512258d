'use client';

import type { WebinarView } from '@rostrum/contracts';
import { isolate } from '@rostrum/contracts/lines';
import { nextToAppear } from '@rostrum/contracts/running-order';
import { useTranslations } from 'use-intl';

/** Who appears next, for those on the stage; nothing where nobody was put in an order. */
export function NextUp({ view }: { readonly view: WebinarView }) {
  const t = useTranslations('backstage.order');
  if (view.phase.phase === 'ended' || !view.backstage) return null;
  const known = new Map(view.people.map(({ personId, name }) => [personId, name]));
  const order = view.backstage.order.filter((personId) => known.has(personId));
  const next = nextToAppear(order, view.scene?.onAir.map(({ personId }) => personId) ?? []);
  return (
    <span role="status" aria-live="polite">
      {next === null ? null : next === view.self.personId ? (
        <strong>{t('youAreNext')}</strong>
      ) : (
        t('isNext', { name: isolate(known.get(next) ?? '') })
      )}
    </span>
  );
}
