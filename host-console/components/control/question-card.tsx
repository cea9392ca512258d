'use client';

import { ActionIcon, Button, Textarea, Tooltip } from '@mantine/core';
import type { QuestionView } from '@rostrum/contracts';
import { isolate } from '@rostrum/contracts/lines';
import { isBlank } from '@rostrum/contracts/text';
import { IconArrowBigUp, IconCheck, IconMessageReply, IconMicrophone2, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { MODERATION } from '../../lib/messages.ts';
import { roleWord } from '../../lib/people.ts';
import { formatAge } from '../../lib/time.ts';
import { RoleMark } from '../shared/role-mark.tsx';
import classes from './audience-panel.module.css';
import { useControl } from './context.ts';
import { PersonMenu } from './person-menu.tsx';

const ANSWER_MAX = 2000;

interface CardProps {
  readonly question: QuestionView;
  readonly now: number;
}

const STATUS_WORDS: Record<QuestionView['status'], string | null> = {
  // Its heading says so.
  held: null,
  new: null,
  answering: 'Being answered live',
  answered: 'Answered',
  dismissed: 'Dismissed',
};

/** Who asked, when, what became of it, and how many want it answered. */
function Meta({ question, now }: CardProps) {
  const status = STATUS_WORDS[question.status];
  return (
    <div className={classes.meta}>
      <strong title={question.name}>
        <bdi>{question.name}</bdi>
      </strong>
      <RoleMark role={question.role} />
      <span>{formatAge(question.askedUnixMs, now)}</span>
      {status ? <span className={classes.state}>{status}</span> : null}
      {question.status === 'held' ? null : (
        <span className={classes.votes}>
          <IconArrowBigUp size={16} aria-hidden />
          {question.votes}
          <span className="visually-hidden">{question.votes === 1 ? 'vote' : 'votes'}</span>
        </span>
      )}
    </div>
  );
}

/** What is done with a question that is not taken up, and with who asked it. */
function Refuse({ question }: { readonly question: QuestionView }) {
  const { send } = useControl();
  const { questionId, personId, name, role, mine } = question;
  return (
    <span className={classes.refuse}>
      <Tooltip label="Dismiss">
        <ActionIcon
          variant="subtle"
          color="plain"
          aria-label={`Dismiss the question by ${isolate(name)}`}
          onClick={() => void send('question:dismiss', { questionId })}
        >
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {mine || personId === null ? null : (
        <PersonMenu personId={personId} name={name} role={roleWord({ role, guest: false })} />
      )}
    </span>
  );
}

const labelOf = ({ name }: QuestionView): string => `Question by ${isolate(name)}`;

/** One that only its author and the crew see. */
export function HeldQuestion({ question, now }: CardProps) {
  const { send } = useControl();
  const { questionId, name } = question;
  const words = MODERATION.en;
  return (
    <article className={classes.item} data-status="held" aria-label={labelOf(question)}>
      <Meta question={question} now={now} />
      <p className={classes.text} dir="auto">
        {question.text}
      </p>
      <div className={classes.buttons}>
        <Button
          size="xs"
          leftSection={<IconCheck size={16} aria-hidden />}
          aria-label={words.approveOf(isolate(name))}
          onClick={() => void send('question:approve', { questionId })}
        >
          {words.approve}
        </Button>
        <Refuse question={question} />
      </div>
    </article>
  );
}

/** One that was answered or dismissed. */
export function DoneQuestion({ question, now }: CardProps) {
  return (
    <div className={classes.item} data-done>
      <Meta question={question} now={now} />
      <p className={classes.text} dir="auto">
        {question.text}
      </p>
      {question.answer ? (
        <p className={classes.answer} dir="auto">
          {question.answer}
        </p>
      ) : null}
    </div>
  );
}

export function OpenQuestion({ question, now }: CardProps) {
  const { send } = useControl();
  const [writing, setWriting] = useState(false);
  const { questionId } = question;
  return (
    <article className={classes.item} data-status={question.status} aria-label={labelOf(question)}>
      <Meta question={question} now={now} />
      <p className={classes.text} dir="auto">
        {question.text}
      </p>
      {writing ? (
        <AnswerForm questionId={questionId} onDone={() => setWriting(false)} />
      ) : (
        <div className={classes.buttons}>
          <Button
            size="xs"
            variant="light"
            leftSection={<IconMessageReply size={16} aria-hidden />}
            onClick={() => setWriting(true)}
          >
            Answer
          </Button>
          {question.status === 'answering' ? (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconCheck size={16} aria-hidden />}
              onClick={() => void send('question:answer', { questionId, answer: null })}
            >
              Mark answered
            </Button>
          ) : (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconMicrophone2 size={16} aria-hidden />}
              onClick={() => void send('question:answerLive', { questionId })}
            >
              Answer live
            </Button>
          )}
          <Refuse question={question} />
        </div>
      )}
    </article>
  );
}

function AnswerForm({ questionId, onDone }: { readonly questionId: string; readonly onDone: () => void }) {
  const { send } = useControl();
  const [answer, setAnswer] = useState('');
  const [sending, setSending] = useState(false);
  const sendAnswer = async (): Promise<void> => {
    setSending(true);
    const done = await send('question:answer', { questionId, answer: answer.trim() });
    setSending(false);
    // What was written stays when it did not arrive.
    if (done) onDone();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void sendAnswer();
      }}
    >
      <Textarea
        label="Answer for everyone"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={ANSWER_MAX}
        value={answer}
        onChange={(event) => setAnswer(event.currentTarget.value)}
        data-autofocus
      />
      <div className={classes.buttons} style={{ marginTop: 'var(--space-2)' }}>
        <Button type="submit" size="xs" loading={sending} disabled={isBlank(answer)}>
          Send answer
        </Button>
        <Button size="xs" variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
