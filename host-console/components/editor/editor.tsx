'use client';

import { Button, Checkbox, ColorInput, NumberInput, Radio, Textarea, TextInput } from '@mantine/core';
import type { JoinMode } from '@rostrum/contracts';
import { isBlank } from '@rostrum/contracts/text';
import { useTranslations } from 'use-intl';
import type { Api } from '../../lib/api.ts';
import { withToken } from '../../lib/fragment.ts';
import { hostTokenOf } from '../../lib/host-token.ts';
import { notifyProblem } from '../../lib/notify.ts';
import classes from './editor.module.css';
import { Clash, type Edited, Section } from './field.tsx';
import { InvitationsField } from './invitations-field.tsx';
import { PasscodeField } from './passcode-field.tsx';
import { QuestionsField } from './questions-field.tsx';
import { RepeatField } from './repeat-field.tsx';
import { StartField } from './start-field.tsx';

const PROFILES = ['fast', 'standard', 'scale'] as const;
const JOIN_MODES = ['open', 'passcode', 'registered', 'approved'] as const satisfies readonly JoinMode[];

/** All that is planned of one webinar, in the order in which one thinks of it. */
export function Editor({ api, ...edited }: Edited & { readonly api: Api }) {
  const t = useTranslations('plan');
  const { editing, saver } = edited;
  const { fields, planned } = editing;
  const ended = planned.phase === 'ended';
  const openControl = async (): Promise<void> => {
    await saver.flush();
    const result = await hostTokenOf(api, planned.webinarId);
    if (result.ok) window.location.assign(withToken('/control', result.value));
    else notifyProblem(result.error.code);
  };
  return (
    <>
      <div className={classes.head}>
        <h1>
          <bdi>{isBlank(fields.title) ? t('untitled') : fields.title}</bdi>
        </h1>
        <span className={classes.acts}>
          {ended ? null : (
            <Button variant="default" onClick={() => void openControl()}>
              {t('control')}
            </Button>
          )}
          {fields.visibility === 'draft' ? (
            <Button onClick={() => saver.edit({ visibility: 'published' })}>{t('publish')}</Button>
          ) : null}
        </span>
      </div>
      {fields.visibility === 'draft' ? (
        <p className={classes.draft}>{t('draftTold')}</p>
      ) : planned.phase === 'scheduled' ? (
        <p className={classes.public}>
          {t('publishedTold')}{' '}
          <button type="button" className={classes.plain} onClick={() => saver.edit({ visibility: 'draft' })}>
            {t('unpublish')}
          </button>
        </p>
      ) : null}
      {ended ? <p className={classes.draft}>{t('endedTold')}</p> : null}
      <fieldset className={classes.sections} disabled={ended}>
        <legend className={classes.hidden}>{t('sections.about.title')}</legend>
        <About api={api} {...edited} />
        <Coming api={api} {...edited} />
        <Section title={t('sections.speak.title')} hint={t('sections.speak.hint')}>
          <InvitationsField api={api} webinarId={planned.webinarId} />
        </Section>
        <Show {...edited} />
        <Look {...edited} />
      </fieldset>
    </>
  );
}

function About({ api, editing, saver }: Edited & { readonly api: Api }) {
  const t = useTranslations('plan');
  const { fields, refused } = editing;
  return (
    <Section title={t('sections.about.title')} hint={t('sections.about.hint')}>
      <TextInput
        label={t('title.label')}
        maxLength={120}
        required
        value={fields.title}
        error={refused.has('title') ? (isBlank(fields.title) ? t('title.missing') : t('refused')) : null}
        onChange={(event) => saver.edit({ title: event.currentTarget.value })}
      />
      <Clash editing={editing} saver={saver} of="title" />
      <Textarea
        label={t('text.label')}
        description={t('text.hint')}
        autosize
        minRows={4}
        maxLength={5000}
        value={fields.text ?? ''}
        error={refused.has('text') ? t('refused') : null}
        onChange={(event) => saver.edit({ text: wordsOf(event.currentTarget.value) })}
      />
      <Clash editing={editing} saver={saver} of="text" />
      <StartField editing={editing} saver={saver} />
      <RepeatField api={api} editing={editing} saver={saver} />
      <NumberInput
        className={classes.short ?? ''}
        label={t('length.label')}
        suffix={` ${t('length.unit')}`}
        min={5}
        max={1440}
        step={15}
        allowDecimal={false}
        value={fields.lengthMinutes}
        error={refused.has('lengthMinutes') ? t('length.range') : null}
        onChange={(value) => {
          if (typeof value === 'number') saver.edit({ lengthMinutes: value });
        }}
      />
      <Clash editing={editing} saver={saver} of="lengthMinutes" />
    </Section>
  );
}

function Coming({ api, editing, saver }: Edited & { readonly api: Api }) {
  const t = useTranslations('plan');
  const { fields, refused } = editing;
  return (
    <Section title={t('sections.coming.title')} hint={t('sections.coming.hint')}>
      <Radio.Group
        label={t('join.label')}
        value={fields.join}
        onChange={(value) => saver.edit({ join: value as JoinMode })}
      >
        <div className={classes.options}>
          {JOIN_MODES.map((mode) => (
            <Radio
              key={mode}
              value={mode}
              label={t(`join.${mode}.label`)}
              description={t(`join.${mode}.hint`)}
            />
          ))}
        </div>
      </Radio.Group>
      <Clash editing={editing} saver={saver} of="join" />
      {fields.join === 'passcode' ? <PasscodeField api={api} webinarId={editing.planned.webinarId} /> : null}
      <NumberInput
        className={classes.short ?? ''}
        label={t('capacity.label')}
        description={t('capacity.hint')}
        min={1}
        max={1_000_000}
        allowDecimal={false}
        thousandSeparator=" "
        placeholder={t('capacity.none')}
        value={fields.capacity ?? ''}
        error={refused.has('capacity') ? t('refused') : null}
        onChange={(value) => saver.edit({ capacity: typeof value === 'number' ? value : null })}
      />
      <Clash editing={editing} saver={saver} of="capacity" />
      {fields.join === 'registered' || fields.join === 'approved' ? (
        <QuestionsField editing={editing} saver={saver} />
      ) : null}
    </Section>
  );
}

function Show({ editing, saver }: Edited) {
  const t = useTranslations('plan');
  const { fields, planned } = editing;
  return (
    <Section title={t('sections.show.title')} hint={t('sections.show.hint')}>
      <Radio.Group
        label={t('profile.label')}
        description={planned.phase === 'live' ? t('profile.stays') : null}
        value={fields.profile}
        onChange={(value) => saver.edit({ profile: value as (typeof PROFILES)[number] })}
      >
        <div className={classes.options}>
          {PROFILES.map((name) => (
            <Radio
              key={name}
              value={name}
              disabled={planned.phase !== 'scheduled'}
              label={t(`profile.${name}.label`)}
              description={t(`profile.${name}.hint`)}
            />
          ))}
        </div>
      </Radio.Group>
      <Clash editing={editing} saver={saver} of="profile" />
      <Checkbox
        label={t('moderated.label')}
        description={t('moderated.hint')}
        checked={fields.moderation === 'moderated'}
        onChange={(event) => saver.edit({ moderation: event.currentTarget.checked ? 'moderated' : 'open' })}
      />
      <Checkbox
        label={t('hands.label')}
        description={t('hands.hint')}
        checked={fields.whoMaySpeak === 'hands'}
        onChange={(event) => saver.edit({ whoMaySpeak: event.currentTarget.checked ? 'hands' : 'none' })}
      />
      <Clash editing={editing} saver={saver} of="whoMaySpeak" />
      <Checkbox
        label={t('tracks.label')}
        description={t('tracks.hint')}
        checked={fields.tracks}
        onChange={(event) => saver.edit({ tracks: event.currentTarget.checked })}
      />
      <Textarea
        label={t('consent.label')}
        description={t('consent.hint')}
        autosize
        minRows={2}
        maxLength={2000}
        value={fields.consentText ?? ''}
        error={editing.refused.has('consentText') ? t('refused') : null}
        onChange={(event) => saver.edit({ consentText: wordsOf(event.currentTarget.value) })}
      />
      <Clash editing={editing} saver={saver} of="consentText" />
    </Section>
  );
}

function Look({ editing, saver }: Edited) {
  const t = useTranslations('plan');
  const { fields, refused } = editing;
  return (
    <Section title={t('sections.look.title')} hint={t('sections.look.hint')}>
      <ColorInput
        className={classes.short ?? ''}
        label={t('accent.label')}
        format="hex"
        value={fields['branding.accent']}
        error={refused.has('branding.accent') ? t('accent.form') : null}
        onChange={(value) => saver.edit({ 'branding.accent': value.toLowerCase() })}
      />
      <Clash editing={editing} saver={saver} of="branding.accent" />
      <TextInput
        label={t('holding.label')}
        description={t('holding.hint')}
        maxLength={200}
        value={fields['branding.holdingText'] ?? ''}
        error={refused.has('branding.holdingText') ? t('refused') : null}
        onChange={(event) => saver.edit({ 'branding.holdingText': wordsOf(event.currentTarget.value) })}
      />
      <Clash editing={editing} saver={saver} of="branding.holdingText" />
    </Section>
  );
}

/** null: nothing to see in it. */
const wordsOf = (text: string): string | null => (isBlank(text) ? null : text);
