'use client';

import { Button, Modal, Radio, Stack, TextInput } from '@mantine/core';
import type { WebinarSummary } from '@rostrum/contracts';
import { ACCESSES } from '@rostrum/contracts/media-urls';
import { isBlank } from '@rostrum/contracts/text';
import { useState } from 'react';
import type { Api } from '../../lib/api.ts';
import { notifyProblem } from '../../lib/notify.ts';
import { ACCESS_WORDS } from '../../lib/webinars.ts';
import classes from './dialogs.module.css';

const TITLE_MAX = 120;

/** Begins a draft with what cannot be changed later, and a title; all else is for its editor. */
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
  const [title, setTitle] = useState('');
  const [access, setAccess] = useState<WebinarSummary['access']>('open');
  const [saving, setSaving] = useState(false);
  const [titleError, setTitleError] = useState<string | null>(null);

  const save = async (): Promise<void> => {
    if (isBlank(title)) {
      setTitleError('Give the webinar a title');
      return;
    }
    setSaving(true);
    const result = await api.createWebinar({
      title: title.trim(),
      access,
      plan: { visibility: 'draft' },
    });
    setSaving(false);
    if (result.ok) onCreated(result.value);
    else if (result.error.field === 'title') setTitleError('This title has characters that cannot be shown');
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
