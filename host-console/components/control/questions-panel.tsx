'use client';

import { ActionIcon, Button, SegmentedControl, Textarea, Tooltip } from '@mantine/core';
import type { QuestionView } from '@rostrum/contracts';
import { isBlank } from '@rostrum/contracts/text';
import { IconArrowBigUp, IconCheck, IconMessageReply, IconMicrophone2, IconX } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { MODERATION } from '../../lib/messages.ts';
import { isOpen, type QuestionOrder, sortQuestions } from '../../lib/questions.ts';
import { formatAge } from '../../lib/time.ts';
import { useNow } from '../../lib/use-now.ts';
import { Contained } from '../shared/contained.tsx';
import classes from './audience-panel.module.css';
import { useControl } from './context.ts';

const ANSWER_MAX = 2000;

/** The queue of questions, by votes or by age, and what became of the others. */
export function QuestionsPanel() {
  const { view, serverOffsetMs } = useControl();
  const [order, setOrder] = useState<QuestionOrder>('votes');
  const now = useNow(20_000, serverOffsetMs);
  const open = useMemo(() => sortQuestions(view.questions.filter(isOpen), order), [view.questions, order]);
  const done = useMemo(
    () =>
      sortQuestions(
        view.questions.filter((q) => !isOpen(q)),
        'age',
      ).reverse(),
    [view.questions],
  );
  return (
    <>
      <div className={classes.head}>
        <SegmentedControl
          size="xs"
          aria-label="Sort questions"
          value={order}
          onChange={(value) => setOrder(value as QuestionOrder)}
          data={[
            { value: 'votes', label: 'Most votes' },
            { value: 'age', label: 'Oldest' },
          ]}
        />
      </div>
      {open.length === 0 ? (
        <div className={classes.empty}>
          <strong>No open questions</strong>
          <span>What viewers ask on the watch page appears here at once.</span>
        </div>
      ) : (
        <ul className={classes.list} aria-label="Open questions">
          {open.map((question) => (
            <li key={question.questionId}>
              <Contained of={question} instead={null}>
                <OpenQuestion question={question} now={now} />
              </Contained>
            </li>
          ))}
        </ul>
      )}
      {done.length > 0 ? (
        <>
          <h3 className={classes.subhead}>Dealt with</h3>
          <ul className={classes.list} aria-label="Questions dealt with">
            {done.map((question) => (
              <li key={question.questionId} className={classes.item} data-done>
                <Meta question={question} now={now} />
                <p className={classes.text} dir="auto">
                  {question.text}
                </p>
                {question.answer ? (
                  <p className={classes.answer} dir="auto">
                    {question.answer}
                  </p>
                ) : null}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
}

const STATUS_WORDS: Record<QuestionView['status'], string | null> = {
  held: MODERATION.en.held,
  new: null,
  answering: 'Being answered live',
  answered: 'Answered',
  dismissed: 'Dismissed',
};

function Meta({ question, now }: { readonly question: QuestionView; readonly now: number }) {
  const status = STATUS_WORDS[question.status];
  return (
    <div className={classes.meta}>
      <strong title={question.name}>
        <bdi>{question.name}</bdi>
      </strong>
      <span>{formatAge(question.askedUnixMs, now)}</span>
      {status ? <span className={classes.state}>{status}</span> : null}
      <span className={classes.votes}>
        <IconArrowBigUp size={16} aria-hidden />
        {question.votes}
        <span className="visually-hidden">{question.votes === 1 ? 'vote' : 'votes'}</span>
      </span>
    </div>
  );
}

function OpenQuestion({ question, now }: { readonly question: QuestionView; readonly now: number }) {
  const { send } = useControl();
  const [writing, setWriting] = useState(false);
  const [answer, setAnswer] = useState('');
  const [sending, setSending] = useState(false);
  const { questionId } = question;
  const answering = question.status === 'answering';

  const sendAnswer = async (): Promise<void> => {
    setSending(true);
    const done = await send('question:answer', { questionId, answer: answer.trim() });
    setSending(false);
    // What was written stays when it did not arrive.
    if (done) setWriting(false);
  };

  return (
    <article
      className={classes.item}
      data-status={question.status}
      aria-label={`Question by ${question.name}`}
    >
      <Meta question={question} now={now} />
      <p className={classes.text} dir="auto">
        {question.text}
      </p>
      {writing ? (
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
            <Button size="xs" variant="default" onClick={() => setWriting(false)}>
              Cancel
            </Button>
          </div>
        </form>
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
          {answering ? (
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
          <Tooltip label="Dismiss">
            <ActionIcon
              style={{ marginLeft: 'auto' }}
              variant="subtle"
              color="plain"
              aria-label={`Dismiss the question by ${question.name}`}
              onClick={() => void send('question:dismiss', { questionId })}
            >
              <IconX size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </div>
      )}
    </article>
  );
}
