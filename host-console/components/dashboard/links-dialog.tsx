'use client';

import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import type { Link, WebinarSummary } from '@rostrum/contracts';
import { isolate } from '@rostrum/contracts/lines';
import { isBlank } from '@rostrum/contracts/text';
import { useState } from 'react';
import type { Api } from '../../lib/api.ts';
import { notifyProblem } from '../../lib/notify.ts';
import { formatMoment } from '../../lib/time.ts';
import { CopyField } from './copy-field.tsx';
import classes from './dialogs.module.css';
import { LinksTable } from './links-table.tsx';

type InvitedRole = 'attendee' | 'panelist' | 'moderator' | 'host';

const ROLES: readonly { readonly value: InvitedRole; readonly label: string; readonly hint: string }[] = [
  { value: 'panelist', label: 'Panelist', hint: 'Opens the stage, to be seen and heard.' },
  {
    value: 'moderator',
    label: 'Moderator',
    hint: 'Opens the control room; cannot start or end the webinar.',
  },
  { value: 'host', label: 'Host', hint: 'Opens the control room, and goes live.' },
];

/** To an open webinar they come by themselves. */
const ATTENDEE = { value: 'attendee', label: 'Attendee', hint: 'Watches, asks and votes.' } as const;

interface Made {
  readonly name: string;
  readonly role: InvitedRole;
  readonly link: Link;
}

/** The watch page's address, and personal links for everybody who takes part. */
export function LinksDialog({
  api,
  webinar,
  mayRevokeAll = false,
  onClose,
}: {
  readonly api: Api;
  readonly webinar: WebinarSummary | null;
  /** The owner may. */
  readonly mayRevokeAll?: boolean;
  readonly onClose: () => void;
}) {
  return (
    <Modal
      opened={webinar !== null}
      onClose={onClose}
      title={
        webinar ? (
          <>
            Links of “<bdi>{webinar.title}</bdi>”
          </>
        ) : (
          'Links'
        )
      }
      size="xl"
    >
      {webinar ? <Links api={api} webinar={webinar} mayRevokeAll={mayRevokeAll} /> : null}
    </Modal>
  );
}

function Links({
  api,
  webinar,
  mayRevokeAll,
}: {
  readonly api: Api;
  readonly webinar: WebinarSummary;
  readonly mayRevokeAll: boolean;
}) {
  const roles = webinar.access === 'private' ? [ATTENDEE, ...ROLES] : ROLES;
  const [role, setRole] = useState<InvitedRole>('panelist');
  const [name, setName] = useState('');
  const [nameError, setNameError] = useState<string | null>(null);
  const [made, setMade] = useState<readonly Made[]>([]);
  const [making, setMaking] = useState(false);

  const make = async (): Promise<void> => {
    setMaking(true);
    const result = await api.createLink(webinar.webinarId, role, name.trim());
    setMaking(false);
    if (!result.ok) {
      if (result.error.field === 'name') setNameError('This name has characters that cannot be shown');
      else notifyProblem(result.error.code);
      return;
    }
    setMade((now) => [{ name: name.trim(), role, link: result.value }, ...now]);
    setName('');
  };

  return (
    <>
      <section className={classes.section}>
        <h3>For the audience</h3>
        {webinar.access === 'private' ? (
          <p className={classes.note}>Each attendee needs a link of their own: nobody else may watch.</p>
        ) : webinar.watchUrl ? (
          <CopyField label="Watch page" value={webinar.watchUrl} />
        ) : (
          <p className={classes.note}>
            The watch page's address appears here as soon as a broadcaster is connected.
          </p>
        )}
      </section>
      <section className={classes.section}>
        <h3>
          {webinar.access === 'private'
            ? 'For everybody who takes part'
            : 'For the people on stage and your crew'}
        </h3>
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (!isBlank(name)) void make();
          }}
        >
          <NativeSelect
            label="Role"
            value={role}
            onChange={(event) => setRole(event.currentTarget.value as InvitedRole)}
            data={roles.map(({ value, label }) => ({ value, label }))}
          />
          <TextInput
            label="Name"
            maxLength={60}
            value={name}
            placeholder="As it stands on the name card"
            error={nameError}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setNameError(null);
            }}
          />
          <Button type="submit" loading={making} disabled={isBlank(name)}>
            Create link
          </Button>
        </form>
        <p className={classes.note}>
          {roles.find((r) => r.value === role)?.hint} A link is personal: whoever opens it is that person.
        </p>
        {made.length > 0 ? (
          <ul className={classes.links} aria-label="Links created">
            {made.map(({ name: who, role: as, link }) => (
              <li key={link.personId}>
                <CopyField
                  label={`${isolate(who)}, ${as}`}
                  shown={
                    <>
                      <bdi>{who}</bdi>, {as}
                    </>
                  }
                  value={link.url}
                  hint={`Valid until ${formatMoment(link.expiresUnixMs, undefined)}`}
                />
              </li>
            ))}
          </ul>
        ) : null}
      </section>
      <section className={classes.section}>
        <LinksTable
          api={api}
          webinarId={webinar.webinarId}
          madeHere={made.length}
          mayRevokeAll={mayRevokeAll}
        />
      </section>
    </>
  );
}
