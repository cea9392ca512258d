'use client';

import { Button, Checkbox, Table } from '@mantine/core';
import type { Registration, RegistrationQuestion } from '@rostrum/contracts';
import { isolate } from '@rostrum/contracts/lines';
import { useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import type { Api } from '../../lib/api.ts';
import { notifyDone, notifyProblem } from '../../lib/notify.ts';
import { formatMoment } from '../../lib/time.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import classes from './registrations.module.css';

/** What is asked before it is done, since nobody can take it back. */
type Asking =
  | { readonly what: 'refuse'; readonly people: readonly Registration[] }
  | { readonly what: 'forget'; readonly person: Registration };

/** As many at once as the API takes. */
const AT_ONCE = 200;
const mayApprove = ({ state }: Registration): boolean =>
  state === 'pending' || state === 'refused' || state === 'waiting';
const mayRefuse = ({ state }: Registration): boolean =>
  state === 'pending' || state === 'approved' || state === 'waiting';

export function RegistrationsTable({
  api,
  webinarId,
  registrations,
  questions,
  onChanged,
}: {
  readonly api: Api;
  readonly webinarId: string;
  readonly registrations: readonly Registration[];
  readonly questions: readonly RegistrationQuestion[];
  readonly onChanged: () => Promise<void>;
}) {
  const t = useTranslations('registrations');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<Asking | null>(null);
  const [working, setWorking] = useState(false);
  const chosen = registrations.filter((one) => selected.has(one.registrationId));

  const answer = async (people: readonly Registration[], what: 'approve' | 'refuse'): Promise<void> => {
    setWorking(true);
    const ids = people.map((one) => one.registrationId);
    const now: Registration[] = [];
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = ids.slice(from, from + AT_ONCE);
      const result = await api.answerRegistrations(webinarId, { registrationIds: some, answer: what });
      if (!result.ok) {
        notifyProblem(result.error.code);
        break;
      }
      now.push(...result.value.registrations);
    }
    const count = (state: Registration['state']): number => now.filter((one) => one.state === state).length;
    if (what === 'refuse' && count('refused') > 0) notifyDone(t('refused', { count: count('refused') }));
    if (what === 'approve' && count('approved') > 0) notifyDone(t('approved', { count: count('approved') }));
    if (what === 'approve' && count('waiting') > 0) notifyDone(t('wait', { count: count('waiting') }));
    await done();
  };
  const forget = async (person: Registration): Promise<void> => {
    setWorking(true);
    const result = await api.forgetRegistration(webinarId, person.registrationId);
    if (result.ok) notifyDone(t('forgotten'));
    else notifyProblem(result.error.code);
    await done();
  };
  const done = async (): Promise<void> => {
    setAsking(null);
    setSelected(new Set());
    await onChanged();
    setWorking(false);
  };
  const select = (ids: readonly string[], on: boolean): void =>
    setSelected((now) => {
      const next = new Set(now);
      for (const id of ids) {
        if (on) next.add(id);
        else next.delete(id);
      }
      return next;
    });

  return (
    <>
      <div className={classes.many} aria-live="polite">
        <span>{t('selected', { count: chosen.length })}</span>
        <Button
          size="xs"
          disabled={working || !chosen.some(mayApprove)}
          onClick={() => void answer(chosen.filter(mayApprove), 'approve')}
        >
          {t('approve')}
        </Button>
        <Button
          size="xs"
          variant="outline"
          color="air"
          disabled={working || !chosen.some(mayRefuse)}
          onClick={() => setAsking({ what: 'refuse', people: chosen.filter(mayRefuse) })}
        >
          {t('refuse')}
        </Button>
      </div>
      <Table.ScrollContainer minWidth={720}>
        <Table verticalSpacing="xs" aria-label={t('title')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>
                <Checkbox
                  aria-label={t('selectAll')}
                  checked={chosen.length > 0 && chosen.length === registrations.length}
                  indeterminate={chosen.length > 0 && chosen.length < registrations.length}
                  onChange={(event) =>
                    select(
                      registrations.map((one) => one.registrationId),
                      event.currentTarget.checked,
                    )
                  }
                />
              </Table.Th>
              {(['name', 'state', 'registered', 'joined'] as const).map((column) => (
                <Table.Th key={column} scope="col">
                  {t(`columns.${column}`)}
                </Table.Th>
              ))}
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {registrations.map((one) => (
              <Row
                key={one.registrationId}
                registration={one}
                questions={questions}
                selected={selected.has(one.registrationId)}
                working={working}
                onSelect={(on) => select([one.registrationId], on)}
                onApprove={() => void answer([one], 'approve')}
                onRefuse={() => setAsking({ what: 'refuse', people: [one] })}
                onForget={() => setAsking({ what: 'forget', person: one })}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <ConfirmDialog
        opened={asking !== null}
        title={
          asking?.what === 'forget'
            ? t('forgetTitle', { name: isolate(asking.person.name) })
            : t('refuseTitle', { count: asking?.people.length ?? 1 })
        }
        text={asking?.what === 'forget' ? t('forgetHint') : t('refuseHint')}
        no={t('keep')}
        yes={asking?.what === 'forget' ? t('forget') : t('refuse')}
        working={working}
        onNo={() => setAsking(null)}
        onYes={() => {
          if (asking?.what === 'forget') void forget(asking.person);
          else if (asking) void answer(asking.people, 'refuse');
        }}
      />
    </>
  );
}

function Row({
  registration,
  questions,
  selected,
  working,
  onSelect,
  onApprove,
  onRefuse,
  onForget,
}: {
  readonly registration: Registration;
  readonly questions: readonly RegistrationQuestion[];
  readonly selected: boolean;
  readonly working: boolean;
  readonly onSelect: (on: boolean) => void;
  readonly onApprove: () => void;
  readonly onRefuse: () => void;
  readonly onForget: () => void;
}) {
  const t = useTranslations('registrations');
  const locale = useLocale();
  const { name, address, state, createdUnixMs, joinedUnixMs, unsubscribed, answers } = registration;
  const isolated = isolate(name);
  const answered = questions.flatMap((question) => {
    const answer = answers[question.questionId];
    if (answer === undefined) return [];
    return [{ question, answer: typeof answer === 'string' ? answer : answer ? t('yes') : t('no') }];
  });
  return (
    <Table.Tr {...(selected ? { 'data-selected': true } : {})}>
      <Table.Td>
        <Checkbox
          aria-label={t('select', { name: isolated })}
          checked={selected}
          onChange={(event) => onSelect(event.currentTarget.checked)}
        />
      </Table.Td>
      <Table.Th scope="row" className={classes.who ?? ''}>
        <bdi>{name}</bdi>
        <span className={classes.address}>
          {address}
          {unsubscribed ? ` · ${t('unsubscribed')}` : ''}
        </span>
        {answered.length > 0 ? (
          <details className={classes.answers}>
            <summary>{t('columns.answers')}</summary>
            <dl>
              {answered.map(({ question, answer }) => (
                <div key={question.questionId}>
                  <dt>{question.text}</dt>
                  <dd>{answer}</dd>
                </div>
              ))}
            </dl>
          </details>
        ) : null}
      </Table.Th>
      <Table.Td>
        <span className={classes.state} data-state={state}>
          {t(`states.${state}`)}
        </span>
      </Table.Td>
      <Table.Td className={classes.moment ?? ''}>{formatMoment(createdUnixMs, undefined, locale)}</Table.Td>
      <Table.Td className={classes.moment ?? ''}>
        {joinedUnixMs === null ? t('notYet') : formatMoment(joinedUnixMs, undefined, locale)}
      </Table.Td>
      <Table.Td>
        <span className={classes.actions}>
          {mayApprove(registration) && state !== 'waiting' ? (
            <Button
              size="compact-sm"
              disabled={working}
              aria-label={t('approveOf', { name: isolated })}
              onClick={onApprove}
            >
              {t('approve')}
            </Button>
          ) : null}
          {mayRefuse(registration) ? (
            <Button
              size="compact-sm"
              variant="default"
              disabled={working}
              aria-label={t('refuseOf', { name: isolated })}
              onClick={onRefuse}
            >
              {t('refuse')}
            </Button>
          ) : null}
          <Button
            size="compact-sm"
            variant="subtle"
            color="air"
            disabled={working}
            aria-label={t('forgetOf', { name: isolated })}
            onClick={onForget}
          >
            {t('forget')}
          </Button>
        </span>
      </Table.Td>
    </Table.Tr>
  );
}
