'use client';

import { Button, Skeleton, Table, TextInput } from '@mantine/core';
import type { Participant } from '@rostrum/contracts';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { Api } from '../../lib/api.ts';
import { wording } from '../../lib/messages.ts';
import classes from './report.module.css';

const SEARCH_AFTER_MS = 250;
const COLUMNS = ['name', 'role', 'joined', 'left', 'minutes', 'live', 'device', 'country'] as const;
const FIGURES: ReadonlySet<string> = new Set(['minutes', 'live']);

type List =
  | { readonly is: 'loading' }
  | { readonly is: 'failed'; readonly code: string }
  | { readonly is: 'loaded'; readonly people: readonly Participant[]; readonly next: string | null };

/** Everybody who was there, a page at a time, found by a part of their name. */
export function Participants({ api, webinarId }: { readonly api: Api; readonly webinarId: string }) {
  const t = useTranslations('report');
  const [typed, setTyped] = useState('');
  const [search, setSearch] = useState('');
  const [list, setList] = useState<List>({ is: 'loading' });
  const [asked, setAsked] = useState(0);
  const [loadingMore, setLoadingMore] = useState(false);

  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for again by whoever presses the button
  useEffect(() => {
    let gone = false;
    void api.participants(webinarId, { search }).then((result) => {
      if (gone) return;
      if (!result.ok) return setList({ is: 'failed', code: result.error.code });
      setList({ is: 'loaded', people: result.value.participants, next: result.value.next });
    });
    return () => {
      gone = true;
    };
  }, [api, webinarId, search, asked]);

  const more = async (cursor: string): Promise<void> => {
    setLoadingMore(true);
    const result = await api.participants(webinarId, { search, cursor });
    setLoadingMore(false);
    setList((now) => {
      if (now.is !== 'loaded' || now.next !== cursor) return now;
      if (!result.ok) return { is: 'failed', code: result.error.code };
      return {
        is: 'loaded',
        people: [...now.people, ...result.value.participants],
        next: result.value.next,
      };
    });
  };

  return (
    <section className={classes.list} aria-labelledby="participants">
      <div className={classes.tableHead}>
        <h2 id="participants">{t('list')}</h2>
        <TextInput
          className={classes.search}
          type="search"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          placeholder={t('search')}
          aria-label={t('search')}
          leftSection={<IconSearch size={16} aria-hidden />}
        />
      </div>
      {list.is === 'loading' ? <Skeleton height={240} radius="md" aria-hidden /> : null}
      {list.is === 'failed' ? (
        <div className={classes.empty} role="alert">
          <strong>{wording(list.code).title}</strong>
          <span>{wording(list.code).hint}</span>
          <Button variant="default" onClick={() => setAsked((n) => n + 1)}>
            {t('again')}
          </Button>
        </div>
      ) : null}
      {list.is === 'loaded' && list.people.length === 0 ? (
        <div className={classes.empty} role="status">
          {search === '' ? (
            <>
              <strong>{t('empty')}</strong>
              <span>{t('emptyHint')}</span>
            </>
          ) : (
            <span>{t('noneFound', { search })}</span>
          )}
        </div>
      ) : null}
      {list.is === 'loaded' && list.people.length > 0 ? (
        <>
          <Table.ScrollContainer minWidth={760}>
            <Table aria-labelledby="participants" verticalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  {COLUMNS.map((column) => (
                    <Table.Th
                      key={column}
                      scope="col"
                      className={FIGURES.has(column) ? classes.figure : undefined}
                    >
                      {t(`columns.${column}`)}
                    </Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {list.people.map((person) => (
                  <Row key={person.personId} person={person} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          {list.next === null ? null : (
            <div className={classes.foot}>
              <Button variant="default" loading={loadingMore} onClick={() => void more(list.next ?? '')}>
                {t('more')}
              </Button>
            </div>
          )}
        </>
      ) : null}
    </section>
  );
}

function Row({ person }: { readonly person: Participant }) {
  const t = useTranslations('report');
  const format = useFormatter();
  const moment = (unixMs: number): string =>
    format.dateTime(unixMs, { dateStyle: 'short', timeStyle: 'short' });
  const minutes = (ms: number): string => format.number(ms / 60_000, { maximumFractionDigits: 0 });
  const [first] = person.sessions;
  return (
    <Table.Tr>
      <Table.Th scope="row" className={classes.name}>
        <bdi>{person.name}</bdi>
        {person.sessions.length > 1 ? (
          <small>{t('sessions', { count: person.sessions.length })}</small>
        ) : null}
      </Table.Th>
      <Table.Td>{t(`roles.${person.role}`)}</Table.Td>
      <Table.Td className={classes.moment}>{moment(person.joinedUnixMs)}</Table.Td>
      <Table.Td className={classes.moment}>
        {person.leftUnixMs === null ? (
          <span className={classes.here}>{t('here')}</span>
        ) : (
          moment(person.leftUnixMs)
        )}
      </Table.Td>
      <Table.Td className={classes.figure}>{minutes(person.presentMs)}</Table.Td>
      <Table.Td className={classes.figure}>{minutes(person.presentLiveMs)}</Table.Td>
      <Table.Td>{first ? t(`devices.${first.device}`) : ''}</Table.Td>
      <Table.Td>{first?.region ?? '–'}</Table.Td>
    </Table.Tr>
  );
}
