'use client';

import { Button, NativeSelect, TextInput } from '@mantine/core';
import type { AccountRole, MemberList, MemberSummary } from '@rostrum/contracts';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { accountApi } from '../../lib/account-api.ts';
import { notifyDone, notifyProblem } from '../../lib/notify.ts';
import { useAccount } from '../../lib/use-account.ts';
import { CopyField } from '../dashboard/copy-field.tsx';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import { PageLoading } from '../shared/page-loading.tsx';
import { ProblemPage } from '../shared/problem-page.tsx';
import classes from './account.module.css';
import { AccountFrame } from './account-frame.tsx';
import { AuditList } from './audit-list.tsx';

const ROLES: readonly AccountRole[] = ['owner', 'host', 'moderator'];

/** Who signs in, for owners. */
export function MembersPage() {
  const t = useTranslations('account');
  const [looked] = useAccount();
  /** How often something was done here: what was done is read again then. */
  const [changes, setChanges] = useState(0);
  if (looked.is === 'looking') return <PageLoading label={t('working')} />;
  if (looked.is === 'failed') return <ProblemPage code={looked.code} />;
  if (looked.account.role !== 'owner') return <ProblemPage code="forbidden" />;
  return (
    <AccountFrame account={looked.account} title={t('members.title')}>
      <p className={classes.hint}>{t('members.hint')}</p>
      <Members onChanged={() => setChanges((count) => count + 1)} />
      <AuditList key={changes} />
    </AccountFrame>
  );
}

function Members({ onChanged }: { readonly onChanged: () => void }) {
  const t = useTranslations('account');
  const format = useFormatter();
  const [list, setList] = useState<MemberList>({ members: [], invitations: [] });
  const [link, setLink] = useState<string | null>(null);
  const [removing, setRemoving] = useState<MemberSummary | null>(null);
  const load = useCallback(async () => {
    const result = await accountApi.members();
    if (result.ok) setList(result.value);
    else notifyProblem(result.error.code);
  }, []);
  useEffect(() => void load(), [load]);
  const roles = ROLES.map((role) => ({ value: role, label: t(`roles.${role}`) }));

  const invite = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const result = await accountApi.invite(String(data.get('email')), String(data.get('role')));
    if (!result.ok) {
      if (result.error.code === 'conflict') notifyDone(t('members.hasAccount'));
      else notifyProblem(result.error.code);
      return;
    }
    form.reset();
    setLink(result.value.url);
    notifyDone(t('members.invited', { email: result.value.invitation.email }));
    onChanged();
    await load();
  };
  const done = async (work: Promise<{ ok: true } | { ok: false; error: { code: string } }>) => {
    const result = await work;
    if (!result.ok && result.error.code === 'conflict') notifyDone(t('members.lastOwner'));
    else if (!result.ok) notifyProblem(result.error.code);
    onChanged();
    await load();
  };

  return (
    <>
      <form
        className={classes.section}
        onSubmit={(event) => void invite(event)}
        aria-label={t('members.invite')}
      >
        <div className={classes.invite}>
          <TextInput name="email" type="email" label={t('email')} required />
          <NativeSelect name="role" label={t('members.role')} data={roles} defaultValue="host" />
          <Button type="submit">{t('members.invite')}</Button>
        </div>
        {link === null ? null : (
          <>
            <p className={classes.hint}>{t('members.link')}</p>
            <CopyField label={t('members.linkLabel')} value={link} />
          </>
        )}
      </form>
      <section className={classes.section} aria-label={t('members.title')}>
        <ul className={classes.list}>
          {list.members.map((member) => (
            <li key={member.accountId}>
              <span className={classes.who}>
                <bdi>{member.name}</bdi>
                <small>{member.email}</small>
              </span>
              <span className={classes.tools}>
                <NativeSelect
                  aria-label={t('members.roleOf', { name: member.name })}
                  data={roles}
                  value={member.role}
                  onChange={(event) =>
                    void done(accountApi.setRole(member.accountId, event.currentTarget.value))
                  }
                />
                <Button
                  variant="default"
                  size="sm"
                  aria-label={t('members.removeOf', { name: member.name })}
                  onClick={() => setRemoving(member)}
                >
                  {t('members.remove')}
                </Button>
              </span>
            </li>
          ))}
        </ul>
      </section>
      {list.invitations.length === 0 ? null : (
        <section className={classes.section} aria-labelledby="members-invitations">
          <h2 id="members-invitations">{t('members.pending')}</h2>
          <ul className={classes.list}>
            {list.invitations.map((one) => (
              <li key={one.invitationId}>
                <span className={classes.who}>
                  <span>{one.email}</span>
                  <small>
                    {t(`roles.${one.role}`)},{' '}
                    {t('members.until', {
                      time: format.dateTime(one.expiresUnixMs, { dateStyle: 'medium' }),
                    })}
                  </small>
                </span>
                <Button
                  variant="default"
                  size="sm"
                  onClick={() => void done(accountApi.withdraw(one.invitationId))}
                >
                  {t('members.withdraw')}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <ConfirmDialog
        opened={removing !== null}
        title={t('members.removeTitle', { name: removing?.name ?? '' })}
        text={t('members.removeText')}
        no={t('members.keep')}
        yes={t('members.remove')}
        working={false}
        onNo={() => setRemoving(null)}
        onYes={() => {
          if (removing) void done(accountApi.removeMember(removing.accountId));
          setRemoving(null);
        }}
      />
    </>
  );
}
