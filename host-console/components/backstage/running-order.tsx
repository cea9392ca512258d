'use client';

import { ActionIcon, NativeSelect } from '@mantine/core';
import { isolate } from '@rostrum/contracts/lines';
import { nextToAppear } from '@rostrum/contracts/running-order';
import { IconArrowDown, IconArrowUp, IconGripVertical, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { reordered } from '../../lib/backstage.ts';
import { useControl } from '../control/context.ts';
import classes from './show-plan.module.css';

/** Who appears after whom, moved by keyboard or drawn with the mouse. */
export function RunningOrder() {
  const t = useTranslations('backstage.order');
  const { view, send } = useControl();
  /** As it was moved here, until the coordinator has it. */
  const [moving, setMoving] = useState<readonly string[] | null>(null);
  const [news, setNews] = useState('');
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const focus = useRef<string | null>(null);
  const asked = useRef(0);

  const known = new Map(view.people.map((person) => [person.personId, person]));
  const order = (moving ?? view.backstage?.order ?? []).filter((id) => known.has(id));
  const onAir = view.scene?.onAir.map(({ personId }) => personId) ?? [];
  const next = nextToAppear(order, onAir);
  const live = view.phase.phase === 'live';
  const others = view.people.filter(({ personId }) => !order.includes(personId));
  const nameOf = (personId: string): string => known.get(personId)?.name ?? '';

  const set = async (personIds: string[]): Promise<void> => {
    asked.current += 1;
    const mine = asked.current;
    setMoving(personIds);
    await send('backstage:order', { personIds });
    if (mine === asked.current) setMoving(null);
  };
  const move = (from: number, to: number): void => {
    const moved = reordered(order, from, to);
    const personId = moved[to];
    if (personId === undefined || from === to) return;
    setNews(t('moved', { name: isolate(nameOf(personId)), place: to + 1, count: moved.length }));
    void set(moved);
  };
  // What was moved by a key keeps the focus at its new place.
  useEffect(() => {
    if (focus.current === null) return;
    const buttons = [...(list.current?.querySelectorAll<HTMLButtonElement>('button[data-move]') ?? [])];
    const [personId = '', way] = focus.current.split(' ');
    const own = buttons.filter((button) => button.dataset.of === personId && !button.disabled);
    (own.find((button) => button.dataset.move === way) ?? own[0])?.focus();
    focus.current = null;
  });

  return (
    <section className={classes.part} aria-label={t('title')}>
      <h3>{t('title')}</h3>
      <p>{order.length === 0 ? `${t('empty')} ${t('hint')}` : t('hint')}</p>
      <ol className={classes.list} ref={list}>
        {order.map((personId, at) => {
          const name = isolate(nameOf(personId));
          const isOn = onAir.includes(personId);
          const byKey = (way: 'up' | 'down', to: number) => ({
            variant: 'subtle',
            color: 'plain',
            'data-move': way,
            'data-of': personId,
            'aria-label': t(way, { name }),
            disabled: to < 0 || to >= order.length,
            onClick: () => {
              focus.current = `${personId} ${way}`;
              move(at, to);
            },
          });
          return (
            <li
              key={personId}
              className={classes.item}
              draggable
              data-dragged={dragged === at || undefined}
              data-over={(over === at && dragged !== at) || undefined}
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = 'move';
                setDragged(at);
              }}
              onDragEnd={() => {
                setDragged(null);
                setOver(null);
              }}
              onDragOver={(event) => {
                if (dragged === null) return;
                event.preventDefault();
                setOver(at);
              }}
              onDrop={(event) => {
                event.preventDefault();
                if (dragged !== null) move(dragged, at);
              }}
            >
              <IconGripVertical size={16} aria-hidden />
              <span className={classes.place} aria-hidden>
                {at + 1}
              </span>
              <span className={classes.name}>
                <bdi>{nameOf(personId)}</bdi>
              </span>
              {isOn && live ? (
                <span className={classes.mark} data-air>
                  {t('onAir')}
                </span>
              ) : personId === next ? (
                <span className={classes.mark}>{t('next')}</span>
              ) : null}
              <ActionIcon {...byKey('up', at - 1)}>
                <IconArrowUp size={16} aria-hidden />
              </ActionIcon>
              <ActionIcon {...byKey('down', at + 1)}>
                <IconArrowDown size={16} aria-hidden />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                color="plain"
                aria-label={t('remove', { name })}
                onClick={() => void set(order.filter((id) => id !== personId))}
              >
                <IconX size={16} aria-hidden />
              </ActionIcon>
            </li>
          );
        })}
      </ol>
      {others.length > 0 ? (
        <NativeSelect
          size="xs"
          aria-label={t('add')}
          value=""
          data={[
            { value: '', label: t('add') },
            ...others.map(({ personId, name }) => ({ value: personId, label: name })),
          ]}
          onChange={(event) => {
            const { value } = event.currentTarget;
            if (value) void set([...order, value]);
          }}
        />
      ) : null}
      <span className="visually-hidden" role="status" aria-live="polite">
        {news}
      </span>
    </section>
  );
}
