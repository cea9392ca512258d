'use client';

import { Button, Table } from '@mantine/core';
import type { LinkSummary } from '@rostrum/contracts';
import { isolate } from '@rostrum/contracts/lines';
import { useCallback, useEffect, useState } from 'react';
import type { Api } from '../../lib/api.ts';
import { LINKS } from '../../lib/messages.ts';
import { notifyDone, notifyProblem } from '../../lib/notify.ts';
import { roleWord } from '../../lib/people.ts';
import { formatAge, formatMoment } from '../../lib/time.ts';
import { useNow } from '../../lib/use-now.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import classes from './dialogs.module.css';

const REFRESH_MS = 5000;
const words = LINKS.en;

/** What is asked before it is done, since nobody can take it back. */
type Asking = { readonly what: 'all' } | { readonly what: 'person'; readonly link: LinkSummary };

/** Links that were made for somebody, who is connected by them, and how they are taken back. */
export function LinksTable({
  api,
  webinarId,
  madeHere,
  mayRevokeAll,
}: {
  readonly api: Api;
  readonly webinarId: string;
  /** Links made beside this table: with each the list is looked at again. */
  readonly madeHere: number;
  readonly mayRevokeAll: boolean;
}) {
  const [links, setLinks] = useState<readonly LinkSummary[] | null>(null);
  const [asking, setAsking] = useState<Asking | null>(null);
  const [working, setWorking] = useState(false);

  const load = useCallback(async () => {
    const result = await api.listLinks(webinarId);
    // What is shown stays when there is no answer.
    if (result.ok) setLinks(result.value);
  }, [api, webinarId]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each link that is made is one more to show
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [load, madeHere]);

  const act = async (work: Promise<Awaited<ReturnType<Api['revokeLink']>>>, done: string): Promise<void> => {
    setWorking(true);
    const result = await work;
    setWorking(false);
    setAsking(null);
    if (result.ok) notifyDone(done);
    else notifyProblem(result.error.code);
    await load();
  };

  return (
    <>
      <div className={classes.head}>
        <h3 id="links-made">{words.title}</h3>
        {mayRevokeAll ? (
          <Button size="xs" variant="outline" color="air" onClick={() => setAsking({ what: 'all' })}>
            {words.revokeAll}
          </Button>
        ) : null}
      </div>
      {links?.length === 0 ? <p className={classes.note}>{words.none}</p> : null}
      {links && links.length > 0 ? (
        <Table.ScrollContainer minWidth={640}>
          <Table aria-labelledby="links-made" verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                {Object.entries(words.columns).map(([column, label]) => (
                  <Table.Th
                    key={column}
                    scope="col"
                    className={column === 'connections' ? classes.number : ''}
                  >
                    {column === 'actions' ? <span className="visually-hidden">{label}</span> : label}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {links.map((link) => (
                <LinkRow
                  key={link.linkId}
                  link={link}
                  working={working}
                  onRevoke={() => void act(api.revokeLink(webinarId, link.linkId), words.revoked)}
                  onBan={() => setAsking({ what: 'person', link })}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ) : null}
      <ConfirmDialog
        opened={asking !== null}
        title={asking?.what === 'person' ? words.banTitle(isolate(asking.link.name)) : words.revokeAllTitle}
        text={asking?.what === 'person' ? words.banHint : words.revokeAllHint}
        no={words.keep}
        yes={asking?.what === 'person' ? words.ban : words.revokeAll}
        working={working}
        onNo={() => setAsking(null)}
        onYes={() => {
          if (asking?.what === 'person') {
            void act(api.removePerson(webinarId, asking.link.personId), words.banned);
          } else void act(api.revokeLinks(webinarId), words.allRevoked);
        }}
      />
    </>
  );
}

function LinkRow({
  link,
  working,
  onRevoke,
  onBan,
}: {
  readonly link: LinkSummary;
  readonly working: boolean;
  readonly onRevoke: () => void;
  readonly onBan: () => void;
}) {
  const { name, role, madeUnixMs, expiresUnixMs, state, connections } = link;
  const now = useNow(20_000);
  return (
    <Table.Tr>
      <Table.Th scope="row" className={classes.name}>
        <bdi>{name}</bdi>
      </Table.Th>
      <Table.Td>{roleWord({ role, guest: false })}</Table.Td>
      <Table.Td className={classes.moment} title={formatMoment(madeUnixMs, undefined)}>
        {words.ago(formatAge(madeUnixMs, now))}
      </Table.Td>
      <Table.Td className={classes.moment} title={formatMoment(expiresUnixMs, undefined)}>
        {expiresUnixMs > now
          ? words.expiresIn(formatAge(now, Math.max(expiresUnixMs, now + 60_000)))
          : words.ago(formatAge(expiresUnixMs, now))}
      </Table.Td>
      <Table.Td className={classes.state} data-state={state}>
        {words.states[state]}
      </Table.Td>
      <Table.Td className={classes.number}>{connections}</Table.Td>
      <Table.Td>
        <span className={classes.actions}>
          {state === 'good' ? (
            <Button
              size="compact-sm"
              variant="default"
              disabled={working}
              aria-label={words.revokeOf(isolate(name))}
              onClick={onRevoke}
            >
              {words.revoke}
            </Button>
          ) : null}
          {state === 'removed' ? null : (
            <Button
              size="compact-sm"
              variant="subtle"
              color="air"
              disabled={working}
              aria-label={words.banOf(isolate(name))}
              onClick={onBan}
            >
              {words.ban}
            </Button>
          )}
        </span>
      </Table.Td>
    </Table.Tr>
  );
}
