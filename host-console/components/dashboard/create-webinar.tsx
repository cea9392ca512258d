'use client';

import { Button, Modal, Radio, Select, Stack, TextInput } from '@mantine/core';
import type { WebinarSummary } from '@rostrum/contracts';
import { ACCESSES } from '@rostrum/contracts/media-urls';
import { isBlank } from '@rostrum/contracts/text';
import { useMemo, useState } from 'react';
import type { Api } from '../../lib/api.ts';
import { notifyProblem } from '../../lib/notify.ts';
import { zonedToUnixMs } from '../../lib/time.ts';
import { ACCESS_WORDS, PROFILE_WORDS } from '../../lib/webinars.ts';
import classes from './dialogs.module.css';

const PROFILES = ['fast', 'standard', 'scale'] as const;
const TITLE_MAX = 120;
const START_WORDS = 'Choose a day between the years 2000 and 2099';

/** Plans a webinar: title, start with its zone, latency profile, who may watch. */
export function CreateWebinarDialog({
  api,
  opened,
  onClose,
  onCreated,
}: {
  readonly api: Api;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onCreated: (webinar: WebinarSummary) => void;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title="New webinar" size="lg">
      <Form api={api} onClose={onClose} onCreated={onCreated} />
    </Modal>
  );
}

function Form({
  api,
  onClose,
  onCreated,
}: {
  readonly api: Api;
  readonly onClose: () => void;
  readonly onCreated: (webinar: WebinarSummary) => void;
}) {
  const ownZone = useMemo(() => Intl.DateTimeFormat().resolvedOptions().timeZone, []);
  const zones = useMemo(
    () => [...new Set([ownZone, 'UTC', ...Intl.supportedValuesOf('timeZone')])],
    [ownZone],
  );
  const [title, setTitle] = useState('');
  const [start, setStart] = useState('');
  const [zone, setZone] = useState(ownZone);
  const [profile, setProfile] = useState<WebinarSummary['profile']>('standard');
  const [access, setAccess] = useState<WebinarSummary['access']>('open');
  const [saving, setSaving] = useState(false);
  const [titleError, setTitleError] = useState<string | null>(null);
  const [startError, setStartError] = useState<string | null>(null);

  const save = async (): Promise<void> => {
    if (isBlank(title)) {
      setTitleError('Give the webinar a title');
      return;
    }
    const startsAtUnixMs = start === '' ? null : zonedToUnixMs(start, zone);
    if (start !== '' && startsAtUnixMs === null) {
      setStartError(START_WORDS);
      return;
    }
    setSaving(true);
    const result = await api.createWebinar({
      title: title.trim(),
      startsAtUnixMs,
      profile,
      access,
    });
    setSaving(false);
    if (result.ok) onCreated(result.value);
    else if (result.error.field === 'title') setTitleError('This title has characters that cannot be shown');
    else if (result.error.field === 'startsAtUnixMs') setStartError(START_WORDS);
    else notifyProblem(result.error.code);
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Title"
          data-autofocus
          maxLength={TITLE_MAX}
          value={title}
          error={titleError}
          onChange={(event) => {
            setTitle(event.currentTarget.value);
            setTitleError(null);
          }}
        />
        <div className={classes.pair}>
          <TextInput
            label="Start (optional)"
            type="datetime-local"
            value={start}
            error={startError}
            min="2000-01-01T00:00"
            max="2099-12-31T23:59"
            onChange={(event) => {
              setStart(event.currentTarget.value);
              setStartError(null);
            }}
          />
          <Select
            label="Time zone"
            searchable
            allowDeselect={false}
            limit={60}
            nothingFoundMessage="No such zone"
            data={zones}
            value={zone}
            onChange={(value) => setZone(value ?? ownZone)}
          />
        </div>
        <Radio.Group
          label="Latency"
          value={profile}
          onChange={(value) => setProfile(value as WebinarSummary['profile'])}
        >
          <div className={classes.options}>
            {PROFILES.map((name) => (
              <Radio
                key={name}
                value={name}
                label={PROFILE_WORDS[name].label}
                description={PROFILE_WORDS[name].hint}
              />
            ))}
          </div>
        </Radio.Group>
        <Radio.Group
          label="Who may watch"
          value={access}
          onChange={(value) => setAccess(value as WebinarSummary['access'])}
        >
          <div className={classes.options}>
            {ACCESSES.map((name) => (
              <Radio
                key={name}
                value={name}
                label={ACCESS_WORDS[name].label}
                description={ACCESS_WORDS[name].hint}
              />
            ))}
          </div>
        </Radio.Group>
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={saving}>
            Create webinar
          </Button>
        </div>
      </Stack>
    </form>
  );
}
