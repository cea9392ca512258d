'use client';

import { ActionIcon, Button, Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { RegistrationQuestion } from '@rostrum/contracts';
import { isBlank } from '@rostrum/contracts/text';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import classes from './editor.module.css';
import { Clash, type Edited } from './field.tsx';

const KINDS = ['text', 'choice', 'consent'] as const;
const MOST = 20;

/** As it is being written: choices as lines of a text, and perhaps without words yet. */
interface Draft {
  readonly questionId: string;
  readonly kind: RegistrationQuestion['kind'];
  readonly text: string;
  readonly required: boolean;
  readonly choices: string;
}

/** What is asked of who registers. What is not whole yet stays here until it is. */
export function QuestionsField({ editing, saver }: Edited) {
  const t = useTranslations('plan.questions');
  const [drafts, setDrafts] = useState(() => editing.fields.registrationQuestions.map(draftOf));
  const change = (next: readonly Draft[]): void => {
    setDrafts([...next]);
    const whole = next.map(questionOf);
    if (whole.every((question) => question !== null)) saver.edit({ registrationQuestions: whole });
  };
  const put = (questionId: string, changes: Partial<Draft>): void =>
    change(drafts.map((draft) => (draft.questionId === questionId ? { ...draft, ...changes } : draft)));
  return (
    <fieldset className={classes.questions}>
      <legend>{t('label')}</legend>
      <p className={classes.note}>{t('hint')}</p>
      {drafts.map((draft, i) => (
        <div key={draft.questionId} className={classes.question}>
          <TextInput
            label={t('text', { number: String(i + 1) })}
            maxLength={300}
            value={draft.text}
            error={isBlank(draft.text) ? t('missing') : null}
            onChange={(event) => put(draft.questionId, { text: event.currentTarget.value })}
          />
          <NativeSelect
            label={t('kind')}
            data={KINDS.map((kind) => ({ value: kind, label: t(`kinds.${kind}`) }))}
            value={draft.kind}
            onChange={(event) => put(draft.questionId, { kind: event.currentTarget.value as Draft['kind'] })}
          />
          {draft.kind === 'choice' ? (
            <Textarea
              className={classes.wide ?? ''}
              label={t('choices')}
              description={t('choicesHint')}
              autosize
              minRows={2}
              value={draft.choices}
              error={questionOf(draft) || isBlank(draft.text) ? null : t('fewChoices')}
              onChange={(event) => put(draft.questionId, { choices: event.currentTarget.value })}
            />
          ) : null}
          <Checkbox
            label={t('required')}
            checked={draft.required}
            onChange={(event) => put(draft.questionId, { required: event.currentTarget.checked })}
          />
          <ActionIcon
            variant="subtle"
            color="plain"
            size={40}
            aria-label={t('remove', { number: String(i + 1) })}
            onClick={() => change(drafts.filter((other) => other.questionId !== draft.questionId))}
          >
            <IconTrash size={18} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {drafts.length < MOST ? (
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => setDrafts([...drafts, fresh()])}
        >
          {t('add')}
        </Button>
      ) : null}
      <Clash editing={editing} saver={saver} of="registrationQuestions" />
    </fieldset>
  );
}

const fresh = (): Draft => ({
  questionId: `question-${crypto.randomUUID()}`,
  kind: 'text',
  text: '',
  required: false,
  choices: '',
});

const draftOf = (question: RegistrationQuestion): Draft => ({
  ...question,
  choices: question.kind === 'choice' ? question.choices.join('\n') : '',
});

/** null: something is missing of it. */
function questionOf({ choices, kind, ...draft }: Draft): RegistrationQuestion | null {
  if (isBlank(draft.text)) return null;
  if (kind !== 'choice') return { kind, ...draft };
  const lines = choices.split('\n').filter((line) => !isBlank(line));
  return lines.length < 2 || lines.length > 20 ? null : { kind, ...draft, choices: lines };
}
